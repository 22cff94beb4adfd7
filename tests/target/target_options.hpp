// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/secret.hpp"
#include "tests/target/fault_script.hpp"
#include "tests/target/ram_store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::target {

struct lun_options {
    enum class store { ram, null };  ///< null: writes vanish, reads are zeroes

    std::uint64_t lun = 0;     ///< 0-16383 (SAM-5 flat addressing above 255)
    std::uint64_t blocks = 0;  ///< at least 1
    std::uint32_t block_size = 512;
    store kind = store::ram;
    bool read_only = false;
    std::string serial{};  ///< empty: derived from target name and LUN, stable over restarts
};

/// `mutual_user` empty: the target does not authenticate itself, and refuses an initiator that asks for it.
struct chap_options {
    std::string user{};
    persiscsi::secret secret{};
    std::string mutual_user{};
    persiscsi::secret mutual{};
    std::vector<unsigned> algorithms = {5, 6, 7, 8};  ///< those allowed; the initiator's order decides
};

enum class digest_policy { no, optional, required };

/// How the end of several tasks at once is reported (RFC 7143 §13.23); each knows more than the one before.
enum class task_reporting { rfc3720, response_fence, fast_abort };

/// What the target wants of the operational negotiation (RFC 7143 §13); the result follows from the initiator's wish.
struct operational_limits {
    std::uint32_t max_recv_data_segment_length = 256 * 1024;
    std::uint32_t max_burst_length = 1024 * 1024;
    std::uint32_t first_burst_length = 256 * 1024;
    std::uint32_t max_outstanding_r2t = 4;
    std::uint32_t max_connections = 8;       ///< per session
    std::uint32_t error_recovery_level = 2;  ///< 0-2
    bool data_pdu_in_order = false;          ///< false: No where the initiator says No; data then goes backwards
    bool data_sequence_in_order = false;     ///< likewise
    task_reporting reporting = task_reporting::fast_abort;  ///< the most we agree to
    bool initial_r2t = false;
    bool immediate_data = true;
    std::uint16_t default_time2wait = 0;     ///< seconds
    std::uint16_t default_time2retain = 20;  ///< seconds a session is kept without its connection
    std::uint32_t command_window = 128;      ///< commands the initiator may have outstanding
};

/// Answers each login with "target moved" (RFC 7143 §11.13.5).
struct redirect_options {
    std::string address{};  ///< host:port of TargetAddress
    bool permanent = false;
};

struct target_options {
    std::string name{};
    std::vector<lun_options> luns{};
    std::optional<chap_options> chap{};
    digest_policy header_digest = digest_policy::optional;
    digest_policy data_digest = digest_policy::optional;
    operational_limits limits{};
    std::optional<redirect_options> redirect{};
    bool unit_attention = true;        ///< 29/00 in a new session, 29/07 after a session reinstatement
    bool phase_collapse = true;        ///< good status travels in the last Data-In
    bool data_acknowledgement = true;  ///< asks for a DataACK after each sequence, at ErrorRecoveryLevel above 0
};

struct server_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: an ephemeral one, see scripted_target::port()
    std::vector<target_options> targets{};
    std::optional<chap_options> discovery_chap{};
    fault_script script{};
    std::shared_ptr<ram_store> store{};              ///< none: a fresh one that lives as long as the scripted_target
    std::chrono::milliseconds login_timeout{15000};  ///< from TCP accept to Full Feature Phase
    std::uint16_t portal_group_tag = 1;
    /// host:port of TargetAddress in SendTargets to the initiator whose TCP port that is; none: where it is connected.
    std::function<std::string(std::uint16_t)> advertised{};
    std::function<void(std::string_view)>
        log{};  ///< one line per event, no secrets; called on the I/O thread under the lock
};

}  // namespace persiscsi::target
