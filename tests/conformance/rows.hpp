// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace persiscsi::conformance {

/// One number of a conformance suite for initiators. The numbers are those of the suites of the UNH-IOL; of Login v3.0
/// and CHAP v3.1 only titles are known, so what they demand is derived from RFC 7143. All sentences are our own.
struct row {
    std::string_view suite;                ///< the prefix of its test's name
    std::string_view number;               ///< as "16.1.2"
    std::string_view demand;               ///< what the initiator must do
    std::string_view sections;             ///< of RFC 7143
    std::string_view not_applicable = "";  ///< the reason, which the test shows; empty: it passes
};

[[nodiscard]] std::span<const row> full_feature_rows();
[[nodiscard]] std::span<const row> login_rows();
[[nodiscard]] std::span<const row> chap_rows();
/// Of the suites that are for targets only, mirrored: what they ask of a target the initiator must make use of.
[[nodiscard]] std::span<const row> error_recovery_rows();

/// "ffp_16_1_2_first_read…" → "ffp 16.1.2"; empty where the name is no row's.
[[nodiscard]] std::string row_key(std::string_view test_name);
[[nodiscard]] std::string row_key(const row& one);

}  // namespace persiscsi::conformance
