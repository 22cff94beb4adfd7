// SPDX-License-Identifier: Apache-2.0
// Login v3.0 and CHAP v3.1: the titles are known, the demands are derived from RFC 7143 §6, §12.1.3 and §13.
#include "tests/conformance/rows.hpp"

namespace persiscsi::conformance {
namespace {

// clang-format off
constexpr row login[] = {
    {"login", "1.1", "A login without extras reaches Full Feature Phase: the names first, stages in order, each request after the response.", "6.3, 6.3.1"},
    {"login", "2.1", "A new session is asked for with TSIH 0, in every request of the login.", "11.12.6, 6.3.1"},
    {"login", "2.2", "A final response with TSIH 0 is no success: the connection is closed.", "11.13.3, 7.12"},
    {"login", "2.3", "A second connection logs in with the TSIH of the session, a CID of its own and the same ISID.", "11.12.6, 11.12.7, 6.3.1"},
    {"login", "3.1", "T is set when a stage is done, with an NSG that the table allows.", "6.3, 11.12.1"},
    {"login", "3.2", "Where the target answers T=0 without a key, the initiator goes on asking with T=1.", "6.3.3"},
    {"login", "4.1", "A first StatSN of 0 is acknowledged as 1.", "4.2.2.2, 11.12.9"},
    {"login", "4.2", "Any other first StatSN is acknowledged as its successor, over the end of the number space too.", "4.2.2.2, 11.12.9"},
    {"login", "5.1", "ExpStatSN acknowledges each Login Response in the request after it.", "11.12.9"},
    {"login", "6.1", "No key is offered twice in a login.", "6.3"},
    {"login", "6.2", "A target that offers ImmediateData twice, in separate responses, loses the connection.", "6.3"},
    {"login", "6.3", "A target that offers ImmediateData twice in one response loses the connection.", "6.3"},
    {"login", "7.1", "A Login Request is text of key=value pairs with one NUL behind each, keys as the RFC spells them, values of their type.", "6.1, 11.12.10"},
    {"login", "7.2", "Lists are offered in order of preference, and the one value of them that the target picks holds.", "6.2.1"},
    {"login", "7.3", "An AuthMethod that was not offered ends the login.", "6.2.1, 7.12"},
    {"login", "7.4", "A FirstBurstLength above the offer ends the login.", "6.2.2, 13.14"},
    {"login", "7.5", "ImmediateData=Maybe ends the login.", "6.2.2, 13.11"},
    {"login", "7.6", "A key that nobody knows is answered NotUnderstood, and the login goes on.", "6.2"},
    {"login", "8.1", "A PDU that is no Login Response ends the connection.", "6.3, 7.13"},
    {"login", "9.1", "Digests are offered as a list of what is wished, and what the target picks is used in Full Feature Phase and not before.", "13.1"},
    {"login", "9.2", "A target's own offer of digests is answered with the first of its list that we use.", "13.1, 6.2.1"},
    {"login", "9.3", "With CRC32C agreed every PDU of Full Feature Phase carries right digests, and a wrong one is noticed.", "13.1, 7.8"},
    {"login", "10.1", "MaxConnections is offered within 1 to 65535, and no more connections are opened than were agreed.", "13.2"},
    {"login", "11.1", "InitiatorName and TargetName are in the first request of each connection.", "6.3, 13.4, 13.5"},
    {"login", "12.1", "Markers are not offered; a target that offers them is answered Reject, never NotUnderstood.", "13.25"},
    {"login", "13.1", "Booleans are offered as Yes or No, and the result is that of the key's function.", "6.2.2, 13.10, 13.11"},
    {"login", "13.2", "An answer that the function forbids, ImmediateData=Yes to No, ends the login.", "6.2.2"},
    {"login", "13.3", "A boolean that the target offers is answered with the function's result.", "6.2.2"},
    {"login", "14.1", "MaxRecvDataSegmentLength is declared within its bounds; the target's own holds for what we send, 8192 where it declares none.", "13.12"},
    {"login", "15.1", "MaxBurstLength is offered within its bounds, and an answer outside them ends the login.", "13.13"},
    {"login", "16.1", "FirstBurstLength below MaxBurstLength holds as answered.", "13.14"},
    {"login", "16.2", "FirstBurstLength that comes out above MaxBurstLength ends the login.", "13.14"},
    {"login", "16.3", "FirstBurstLength is offered within its bounds and not above MaxBurstLength.", "13.14"},
    {"login", "17.1", "DefaultTime2Retain is offered within 0 to 3600, and an answer above the offer ends the login.", "13.16"},
    {"login", "18.1", "DefaultTime2Wait is offered within 0 to 3600, the larger of both holds, and an answer below the offer ends the login.", "13.15"},
    {"login", "19.1", "MaxOutstandingR2T is offered within 1 to 65535, and an answer of 0 ends the login.", "13.17"},
    {"login", "20.1", "ErrorRecoveryLevel is offered within 0 to 2, and an answer above the offer ends the login.", "13.20"},
    {"login", "21.1", "SessionType is Normal or Discovery, in the first request of the leading login.", "13.21, 6.3"},
    {"login", "22.1", "AuthMethod is offered in the security stage, and None agreed means no further security key.", "12.1, 6.3.2"},
    {"login", "23.1", "A key TargetAlias, TargetAddress or TargetPortalGroupTag, declared by the target, is taken without an answer and never sent by us.", "13.6, 13.8, 13.9"},
};

constexpr row chap[] = {
    {"chap", "1.1", "CHAP_A is a list of algorithms, 5 among them, alone in the first request after CHAP was chosen.", "12.1.3"},
    {"chap", "1.2.1", "An algorithm by a number that was not offered ends the login.", "12.1.3, 6.2.1"},
    {"chap", "1.2.2", "An algorithm that is no number ends the login.", "12.1.3, 6.1"},
    {"chap", "1.3", "CHAP_A where CHAP_N and CHAP_R are due ends the login.", "12.1.3"},
    {"chap", "2.1", "Any CHAP_I of 0 to 255 is used in the response.", "12.1.3"},
    {"chap", "2.2", "A CHAP_I above 255 or that is no number ends the login.", "12.1.3, 6.1"},
    {"chap", "2.3", "CHAP_I before CHAP_A was sent ends the login.", "12.1.3"},
    {"chap", "2.4", "The same CHAP_I in two logins is answered in both; the identifier alone tells nothing.", "12.1.3"},
    {"chap", "2.5", "CHAP_I sent again beside the target's proof ends the login.", "12.1.3"},
    {"chap", "2.6", "Different CHAP_I give different responses, each right.", "12.1.3"},
    {"chap", "3.1", "A challenge of 1024 bytes is answered.", "12.1.3"},
    {"chap", "3.2", "A challenge of one byte is answered.", "12.1.3"},
    {"chap", "3.3", "A challenge of 1025 bytes ends the login.", "12.1.3"},
    {"chap", "3.4", "A challenge of no bytes ends the login.", "12.1.3, 6.1"},
    {"chap", "3.5", "CHAP_C before CHAP_A was sent ends the login.", "12.1.3"},
    {"chap", "3.6.1", "A proof that the target takes from another open connection does not prove it on this one.", "9.2.1, 12.1.3"},
    {"chap", "3.6.2", "A proof that the target takes from an earlier login does not prove it in this one.", "9.2.1, 12.1.3"},
    {"chap", "3.6.3", "Two connections at the same time get different challenges.", "9.2.1"},
    {"chap", "3.6.4", "Two logins one after the other get different challenges.", "9.2.1"},
    {"chap", "3.7", "The initiator does not send the target's challenge back.", "9.2.1"},
    {"chap", "3.8", "Our own challenge returned as the target's ends the login.", "9.2.1"},
    {"chap", "4.1", "CHAP_N of the target is compared with the configured name, and the right one is accepted.", "12.1.3"},
    {"chap", "4.2", "A CHAP_N of 255 bytes is accepted where it is the configured one.", "12.1.3, 6.1"},
    {"chap", "4.3", "A CHAP_N of one byte is accepted where it is the configured one.", "12.1.3"},
    {"chap", "4.4", "A CHAP_N of 256 bytes ends the login.", "6.1"},
    {"chap", "4.5", "CHAP_N beside the challenge ends the login.", "12.1.3"},
    {"chap", "4.6", "Our own name sent back ends the login where the target's is another.", "12.1.3, 9.2.1"},
    {"chap", "4.7", "The same name on both sides is accepted where it is configured so: secrets differ, names need not.", "12.1.3, 9.2.1"},
    {"chap", "4.8", "Another name than the configured one ends the login.", "12.1.3"},
    {"chap", "5.1", "A CHAP_R that does not prove the secret ends the login.", "12.1.3"},
    {"chap", "5.2", "A CHAP_R that is too long for its algorithm ends the login.", "12.1.3"},
    {"chap", "5.3", "A CHAP_R that is too short for its algorithm ends the login.", "12.1.3"},
};
// clang-format on

}  // namespace

std::span<const row> login_rows() {
    return login;
}
std::span<const row> chap_rows() {
    return chap;
}

}  // namespace persiscsi::conformance
