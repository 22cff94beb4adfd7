// SPDX-License-Identifier: Apache-2.0
// CHAP 1 to 3: algorithms, identifiers and challenges.
#include "tests/conformance/chap_conformance_case.hpp"
#include "tests/conformance/key_table.hpp"

#include <algorithm>
#include <memory>

namespace persiscsi::conformance {
namespace {

const auto bad_message = make_error_code(login_errc::bad_chap_message);
const auto sent_twice = make_error_code(login_errc::key_offered_twice);

std::string hex_of(std::size_t size) {
    std::string hex = "0x";
    for (std::size_t i = 0; i < size; ++i) hex += "a5";
    return hex;
}

/// Chance that never gives the same twice.
random_source counting() {
    return [count = std::make_shared<unsigned>()](std::span<std::byte> into) {
        for (auto& byte : into) byte = static_cast<std::byte>(++*count);
    };
}

TEST_F(chap_conformance_case, chap_1_1_algorithms_are_offered_alone_and_md5_among_them) {
    with_chap();
    const auto request = algorithms_request();
    EXPECT_EQ(said.size(), 1U);
    const auto algorithms = items_of(said_value("CHAP_A"));
    EXPECT_NE(std::find(algorithms.begin(), algorithms.end(), "5"), algorithms.end());
    EXPECT_FALSE(request.transit);
}

TEST_F(chap_conformance_case, chap_1_2_1_algorithm_that_was_not_offered_ends_the_login) {
    with_chap();
    challenge(algorithms_request(), {{"CHAP_A", "99"}, {"CHAP_I", "9"}, {"CHAP_C", "0x0102"}});
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_1_2_2_algorithm_that_is_no_number_ends_the_login) {
    with_chap();
    challenge(algorithms_request(), {{"CHAP_A", "md5"}, {"CHAP_I", "9"}, {"CHAP_C", "0x0102"}});
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_1_3_algorithm_where_the_proof_is_due_ends_the_login) {
    with_chap();
    answer_login(proof_request(), {{"CHAP_A", "7"}}, false);
    expect_login_failed(sent_twice);
}

TEST_F(chap_conformance_case, chap_2_1_identifiers_up_to_255_are_used) {
    with_chap();
    challenge(algorithms_request(), {{"CHAP_A", "7"}, {"CHAP_I", "255"}, {"CHAP_C", "0x0102"}});
    (void)login_request();
    expect_right_response(255, "0x0102");
}

TEST_F(chap_conformance_case, chap_2_2_identifier_above_255_ends_the_login) {
    with_chap();
    challenge(algorithms_request(), {{"CHAP_A", "7"}, {"CHAP_I", "256"}, {"CHAP_C", "0x0102"}});
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_2_3_identifier_before_the_algorithms_ends_the_login) {
    with_chap();
    begin_login();
    answer_login(login_request(), {{"AuthMethod", "CHAP"}, {"CHAP_I", "1"}}, false);
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_2_4_same_identifier_in_two_logins_is_answered_in_both) {
    with_chap(false);
    answer_login(proof_request(), {}, true);
    expect_right_response(9, sound_challenge);
    finish_login();
    target->drop();
    target->open_transport();
    const auto first = login_request();
    answer_login(first, {{"AuthMethod", "CHAP"}}, false);
    challenge(login_request(), {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", "0x0304"}});
    (void)login_request();
    expect_right_response(9, "0x0304");
}

TEST_F(chap_conformance_case, chap_2_5_identifier_beside_the_targets_proof_ends_the_login) {
    with_chap();
    const auto request = proof_request();
    answer_login(request, {{"CHAP_N", std::string(its_name)}, {"CHAP_R", proof()}, {"CHAP_I", said_value("CHAP_I")}});
    expect_login_failed(sent_twice);
}

TEST_F(chap_conformance_case, chap_2_6_another_identifier_gives_another_response) {
    with_chap();
    challenge(algorithms_request(), {{"CHAP_A", "7"}, {"CHAP_I", "0x0a"}, {"CHAP_C", "0x0102"}});
    (void)login_request();
    expect_right_response(10, "0x0102");
    EXPECT_NE(said_value("CHAP_R"), chap_response(9, our_secret, "0x0102"));
}

TEST_F(chap_conformance_case, chap_3_1_challenge_of_1024_bytes_is_answered) {
    with_chap();
    (void)proof_request(hex_of(1024));
    expect_right_response(9, hex_of(1024));
}

TEST_F(chap_conformance_case, chap_3_2_challenge_of_one_byte_is_answered) {
    with_chap();
    (void)proof_request("0bpQ==");
    expect_right_response(9, "0xa5");
}

TEST_F(chap_conformance_case, chap_3_3_challenge_of_1025_bytes_ends_the_login) {
    with_chap();
    challenge(algorithms_request(), {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", hex_of(1025)}});
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_3_4_challenge_of_no_bytes_ends_the_login) {
    with_chap();
    challenge(algorithms_request(), {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", "0x"}});
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_3_5_challenge_before_the_algorithms_ends_the_login) {
    with_chap();
    begin_login();
    answer_login(login_request(), {{"AuthMethod", "CHAP"}, {"CHAP_C", "0x0102"}}, false);
    expect_login_failed(bad_message);
}

TEST_F(chap_conformance_case, chap_3_6_1_proof_of_another_open_connection_does_not_prove) {
    random = counting();
    with_chap();
    options.login.wishes.max_connections = 2;
    target_keys = with(target_keys, {{"MaxConnections", "2"}});
    const auto request = proof_request();
    const auto used = proof();
    prove(request, std::string(its_name), used);
    finish_login();
    target->open_transport(1);
    prove(proof_request(sound_challenge, 1), std::string(its_name), used, 1);
    EXPECT_EQ(target->core.last_failure().code, make_error_code(login_errc::target_failed_authentication));
    EXPECT_TRUE(closed());
}

TEST_F(chap_conformance_case, chap_3_6_2_proof_of_an_earlier_login_does_not_prove) {
    random = counting();
    with_chap();
    const auto request = proof_request();
    const auto used = proof();
    prove(request, std::string(its_name), used);
    finish_login();
    target->drop();
    target->open_transport();
    answer_login(login_request(), {{"AuthMethod", "CHAP"}}, false);
    challenge(login_request(), {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", std::string(sound_challenge)}});
    (void)closed();
    prove(login_request(), std::string(its_name), used);
    EXPECT_EQ(target->core.last_failure().code, make_error_code(login_errc::target_failed_authentication));
    EXPECT_TRUE(closed());
}

TEST_F(chap_conformance_case, chap_3_6_3_two_connections_get_different_challenges) {
    random = counting();
    with_chap();
    options.login.wishes.max_connections = 2;
    target_keys = with(target_keys, {{"MaxConnections", "2"}});
    const auto request = proof_request();
    const auto first = said_value("CHAP_C");
    prove(request, std::string(its_name), proof());
    finish_login();
    target->open_transport(1);
    (void)proof_request(sound_challenge, 1);
    EXPECT_NE(said_value("CHAP_C"), first);
}

TEST_F(chap_conformance_case, chap_3_6_4_two_logins_get_different_challenges) {
    random = counting();
    with_chap();
    const auto request = proof_request();
    const auto first = said_value("CHAP_C");
    prove(request, std::string(its_name), proof());
    finish_login();
    target->drop();
    target->open_transport();
    answer_login(login_request(), {{"AuthMethod", "CHAP"}}, false);
    challenge(login_request(), {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", std::string(sound_challenge)}});
    (void)login_request();
    EXPECT_NE(said_value("CHAP_C"), first);
}

TEST_F(chap_conformance_case, chap_3_7_challenge_of_the_target_is_not_sent_back) {
    with_chap();  // chance gives nothing but sevens, so ours would be the same
    std::string sevens = "0x";
    for (int i = 0; i < 32; ++i) sevens += "07";
    challenge(algorithms_request(), {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", sevens}});
    expect_login_failed(make_error_code(login_errc::reflected_challenge));
}

TEST_F(chap_conformance_case, chap_3_8_own_challenge_returned_ends_the_login) {
    with_chap();
    const auto request = proof_request();
    const auto ours = said_value("CHAP_C");
    answer_login(request, {{"CHAP_A", "7"}, {"CHAP_I", said_value("CHAP_I")}, {"CHAP_C", ours}}, false);
    expect_login_failed(sent_twice);
}

}  // namespace
}  // namespace persiscsi::conformance
