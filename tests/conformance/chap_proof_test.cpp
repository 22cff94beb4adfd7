// SPDX-License-Identifier: Apache-2.0
// CHAP 4 and 5: the target's name and response.
#include "tests/conformance/chap_conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

const auto bad_message = make_error_code(login_errc::bad_chap_message);
const auto not_proved = make_error_code(login_errc::target_failed_authentication);

TEST_F(chap_conformance_case, chap_4_1_name_of_the_target_is_accepted) {
    with_chap();
    const auto request = proof_request();
    prove(request, std::string(its_name), proof());
    finish_login();
}

TEST_F(chap_conformance_case, chap_4_2_name_of_255_bytes_is_accepted) {
    const std::string name(255, 'n');
    with_chap(true, name);
    const auto request = proof_request();
    prove(request, name, proof());
    finish_login();
}

TEST_F(chap_conformance_case, chap_4_3_name_of_one_byte_is_accepted) {
    with_chap(true, "n");
    const auto request = proof_request();
    prove(request, "n", proof());
    finish_login();
}

TEST_F(chap_conformance_case, chap_4_4_name_of_256_bytes_ends_the_login) {
    with_chap(true, "");
    const auto request = proof_request();
    prove(request, std::string(256, 'n'), proof());
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_4_5_name_beside_the_challenge_ends_the_login) {
    with_chap();
    challenge(algorithms_request(),
              {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", "0x0102"}, {"CHAP_N", std::string(its_name)}});
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_4_6_own_name_sent_back_ends_the_login) {
    with_chap();
    const auto request = proof_request();
    prove(request, std::string(our_name), proof());
    expect_login_failed(not_proved);
}

TEST_F(chap_conformance_case, chap_4_7_same_name_on_both_sides_is_accepted_where_configured) {
    with_chap(true, our_name);
    const auto request = proof_request();
    prove(request, std::string(our_name), proof());
    finish_login();
}

TEST_F(chap_conformance_case, chap_4_8_other_name_than_configured_ends_the_login) {
    with_chap();
    const auto request = proof_request();
    prove(request, "Storage", proof());
    expect_login_failed(not_proved);
}

TEST_F(chap_conformance_case, chap_5_1_response_that_proves_nothing_ends_the_login) {
    with_chap();
    const auto request = proof_request();
    auto wrong = proof();
    wrong.back() = wrong.back() == '0' ? '1' : '0';
    prove(request, std::string(its_name), wrong);
    expect_login_failed(not_proved);
}

TEST_F(chap_conformance_case, chap_5_2_response_too_long_ends_the_login) {
    with_chap();
    const auto request = proof_request();
    prove(request, std::string(its_name), proof() + "00");
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_5_3_response_too_short_ends_the_login) {
    with_chap();
    const auto request = proof_request();
    const auto right = proof();
    prove(request, std::string(its_name), right.substr(0, right.size() - 2));
    expect_login_failed(bad_message);
}

}  // namespace
}  // namespace persiscsi::conformance
