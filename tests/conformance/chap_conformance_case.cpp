// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/chap_conformance_case.hpp"

#include "tests/conformance/key_table.hpp"

#include <openssl/evp.h>

#include <array>

namespace persiscsi::conformance {

std::string chap_response(unsigned identifier, std::string_view secret, std::string_view challenge) {
    std::vector<std::uint8_t> text = {static_cast<std::uint8_t>(identifier)};
    text.insert(text.end(), secret.begin(), secret.end());
    const auto given = binary_of(challenge).value();
    text.insert(text.end(), given.begin(), given.end());
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    std::string hex = "0x";
    for (unsigned i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest[i] >> 4U];
        hex += "0123456789abcdef"[digest[i] & 15U];
    }
    return hex;
}

void chap_conformance_case::with_chap(bool mutual, std::string_view target_name) {
    options.login.chap = chap_credentials{std::string(our_name), secret(our_secret)};
    if (mutual) options.login.mutual_chap = chap_credentials{std::string(target_name), secret(its_secret)};
}

pdu::login_request chap_conformance_case::algorithms_request(connection_number connection) {
    if (connection == 0 && (!target || state() != session_state::logged_in)) begin_login();
    const auto first = login_request(connection);
    EXPECT_EQ(said_value("AuthMethod"), "CHAP");
    answer_login(first, {{"AuthMethod", "CHAP"}, {"TargetPortalGroupTag", "1"}}, false, connection);
    return login_request(connection);
}

void chap_conformance_case::challenge(const pdu::login_request& to,
                                      const pdu::text_keys& keys,
                                      connection_number connection) {
    answer_login(to, keys, false, connection);
}

pdu::login_request chap_conformance_case::proof_request(std::string_view its_challenge, connection_number connection) {
    challenge(algorithms_request(connection),
              {{"CHAP_A", "7"}, {"CHAP_I", "9"}, {"CHAP_C", std::string(its_challenge)}},
              connection);
    return login_request(connection);
}

void chap_conformance_case::expect_right_response(unsigned identifier, std::string_view challenge) const {
    EXPECT_EQ(said_value("CHAP_N"), our_name);
    EXPECT_EQ(binary_of(said_value("CHAP_R")), binary_of(chap_response(identifier, our_secret, challenge)));
}

std::string chap_conformance_case::proof() const {
    return chap_response(
        static_cast<unsigned>(number_of(said_value("CHAP_I")).value()), its_secret, said_value("CHAP_C"));
}

void chap_conformance_case::prove(const pdu::login_request& to,
                                  const std::string& name,
                                  const std::string& response,
                                  connection_number connection) {
    answer_login(to, {{"CHAP_N", name}, {"CHAP_R", response}}, true, connection);
}

void chap_conformance_case::finish_login(connection_number connection) {
    answer_login(login_request(connection), connection == 0 ? target_keys : pdu::text_keys{}, true, connection);
    EXPECT_EQ(state(), session_state::logged_in) << target->core.last_failure().detail;
}

}  // namespace persiscsi::conformance
