// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/secret.hpp"
#include "pdu/text.hpp"
#include "pdu/types.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi {

/// A TCP address as the user wrote it: an IPv4 or IPv6 literal (without brackets) or a host name.
struct portal {
    std::string host;
    std::uint16_t port = 3260;

    friend bool operator==(const portal&, const portal&) = default;
};

/// "host:port", IPv6 literals in brackets.
[[nodiscard]] std::string to_string(const portal& portal);

/// "host[:port]", IPv6 literals in brackets; none where it is anything else.
[[nodiscard]] std::optional<portal> parse_portal(std::string_view text, std::uint16_t default_port = 3260);

/// The value of TargetAddress (RFC 7143 §13.8): host[:port][,portal-group-tag].
struct target_address {
    portal at;
    std::optional<std::uint16_t> portal_group_tag;

    friend bool operator==(const target_address&, const target_address&) = default;
};
[[nodiscard]] std::optional<target_address> parse_target_address(std::string_view text);

/// HeaderDigest and DataDigest (RFC 7143 §13.1): what we offer.
enum class digest_wish {
    none,    ///< None
    crc32c,  ///< CRC32C, and no login without it
    prefer,  ///< CRC32C,None
};

/// CHAP algorithms by their number in CHAP_A (RFC 7143 §12.1.3; 6 to 8 as registered at IANA later).
enum class chap_algorithm : std::uint8_t { md5 = 5, sha1 = 6, sha256 = 7, sha3_256 = 8 };

struct chap_credentials {
    std::string name;
    persiscsi::secret secret;
};

enum class session_type { normal, discovery };

/// TaskReporting (RFC 7143 §13.23), each with what those before it have.
enum class task_reporting { rfc3720, response_fence, fast_abort };
/// As in the key.
[[nodiscard]] std::string_view name_of(task_reporting semantics);

/// Operational keys as we offer them (RFC 7143 §13). Lengths in bytes, times in seconds.
struct operational_wishes {
    std::uint32_t max_recv_data_segment_length = 262144;  ///< declared; 512 … 2^24-1
    std::uint32_t max_burst_length = 1048576;             ///< 512 … 2^24-1
    std::uint32_t first_burst_length = 262144;            ///< 512 … 2^24-1, never above max_burst_length
    std::uint16_t max_outstanding_r2t = 16;  ///< 1 … 65535; 1 is offered where RFC 7143 §13.19 allows no other
    std::uint16_t max_connections = 1;       ///< 1 … 65535
    std::uint16_t default_time2wait = 0;     ///< 0 … 3600; the larger wish of both sides wins
    std::uint16_t default_time2retain = 20;  ///< 0 … 3600
    std::uint8_t error_recovery_level = 0;   ///< 0 … 2
    bool initial_r2t = false;                ///< false offers unsolicited data
    bool immediate_data = true;
    bool data_pdu_in_order = true;       ///< false lets the data PDUs of a sequence come in any order
    bool data_sequence_in_order = true;  ///< false lets the sequences of a command come in any order
    /// The most that we offer. The key is left out where this is rfc3720: targets of before RFC 5048 do not know it.
    persiscsi::task_reporting task_reporting = persiscsi::task_reporting::rfc3720;
};

/// Everything one login needs.
struct login_options {
    std::string initiator_name;
    std::string initiator_alias;
    std::string target_name;  ///< empty only where type is discovery
    session_type type = session_type::normal;
    pdu::isid isid{};

    std::optional<chap_credentials> chap;         ///< how we prove ourselves; absent: AuthMethod=None is offered alone
    std::optional<chap_credentials> mutual_chap;  ///< what the target must prove; needs chap
    /// In the order of wish. The default offers what RFC 7143 and IANA name, strongest first.
    std::vector<chap_algorithm> chap_algorithms = {
        chap_algorithm::sha3_256, chap_algorithm::sha256, chap_algorithm::sha1, chap_algorithm::md5};

    digest_wish header_digest = digest_wish::none;
    digest_wish data_digest = digest_wish::none;
    operational_wishes wishes;
    /// Further keys, offered as they are (--param); they win over `wishes`. Those that a Discovery session or a further
    /// connection may not carry are left out there.
    pdu::text_keys parameters;
};

/// What keeps these options from being offered (`login_errc::bad_option`); no error where they are sound.
[[nodiscard]] failure validate(const login_options& options);

/// Fills the span with unpredictable bytes, the core having none. Each login has a copy: its state must be shared.
using random_source = std::function<void(std::span<std::byte>)>;

}  // namespace persiscsi
