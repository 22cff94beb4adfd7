// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/negotiation_judge.hpp"
#include "tests/conformance/raw_pdu.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace persiscsi::conformance {

/// How far `to` lies ahead of `from` in serial number arithmetic (RFC 1982).
[[nodiscard]] constexpr std::int32_t ahead(std::uint32_t from, std::uint32_t to) {
    return static_cast<std::int32_t>(to - from);
}

/// What holds for a session, as the judge reads the login; the defaults of RFC 7143 §13.
struct agreed_values {
    bool discovery = false;
    bool initial_r2t = true;
    bool immediate_data = true;
    bool data_pdu_in_order = true;
    std::uint32_t first_burst_length = 65536;
    std::uint32_t max_burst_length = 262144;
    std::uint32_t error_recovery_level = 0;
};

/// Data-Out that is due for one R2T, or unsolicited.
struct due_data {
    std::uint32_t ttt = no_tag;
    std::uint64_t lun = 0;
    std::uint32_t next_offset = 0;
    std::uint32_t end = 0;
    std::uint32_t left = 0;
    std::uint32_t next_sn = 0;
};

/// The numbers of a sequence that came, to see what is missing.
struct arrivals {
    std::set<std::uint32_t> beyond;
    std::uint32_t first_missing = 0;

    void add(std::uint32_t number) {
        if (ahead(first_missing, number) < 0) return;
        beyond.insert(number);
        while (beyond.erase(first_missing) != 0) ++first_missing;
    }
};

struct judged_task {
    pdu::opcode kind{};
    std::uint32_t connection = 0;
    raw_pdu request;
    bool immediate = false;
    std::uint32_t cmd_sn = 0;
    std::uint64_t lun = 0;
    bool orphaned = false;    ///< its connection is gone, and it is nobody's
    bool logged_out = false;  ///< its connection was logged out after that

    bool read = false;
    bool write = false;
    std::uint32_t output_length = 0;
    std::optional<due_data> unsolicited;
    std::deque<due_data> r2ts;
    arrivals input;                            ///< DataSNs and R2TSNs
    std::uint32_t acknowledged_input = 0;      ///< by DataACK
    std::optional<std::uint32_t> input_count;  ///< known from the status
    std::optional<std::uint32_t> status_sn;    ///< of a status that came before its data
    std::optional<std::uint32_t> text_ttt;     ///< of an unfinished Text Response
    std::uint64_t text_lun = 0;
    bool text_answered = true;
    bool rejected = false;      ///< the target has it no more, its tag may be used again
    bool data_is_lost = false;  ///< the target will not send it again
};

/// A Data-In that asked for a DataACK.
struct due_ack {
    std::uint32_t itt = 0;
    std::uint32_t ttt = 0;
    std::uint64_t lun = 0;
    std::uint32_t next_sn = 0;
    bool due = false;  ///< nothing before it is missing
};

struct due_answer {
    std::uint32_t ttt = 0;
    std::uint64_t lun = 0;
};

enum class connection_phase { closed, login, full_feature };

struct judged_connection {
    connection_phase phase = connection_phase::closed;
    pdu_cutter from_initiator, from_target;
    digest_use digests;
    std::uint32_t target_segment = 8192;  ///< the target's MaxRecvDataSegmentLength
    bool lost_sync = false;

    // login
    std::optional<raw_pdu> first_login;
    bool restarts = false;
    bool login_outstanding = false;
    bool refused = false;
    bool response_continued = false;
    unsigned stage = 0;
    negotiation_judge keys;
    std::vector<std::byte> text, target_text;

    // numbers
    std::optional<std::uint32_t> last_cmd_sn;
    std::optional<arrivals> statuses;
    std::uint32_t exp_stat_sn_floor = 0;
    std::uint32_t last_exp_stat_sn = 0;

    // full feature
    std::deque<std::uint32_t> unsolicited_order;  ///< tags of commands whose unsolicited data is due
    std::deque<due_answer> pings;
    std::vector<due_ack> acks;
    bool logout_sent = false;
    std::uint32_t text_itt = no_tag;
    negotiation_judge text_keys;

    [[nodiscard]] std::uint16_t cid() const {
        return first_login ? static_cast<std::uint16_t>(first_login->number<2>(20)) : std::uint16_t{0};
    }
};

struct judged_session {
    agreed_values agreed;
    std::uint16_t tsih = 0;
    std::map<std::uint32_t, judged_task> tasks;
    std::optional<std::uint32_t> next_cmd_sn;
    std::uint32_t exp_cmd_sn = 0;
    std::uint32_t max_cmd_sn = 0;
    std::set<std::uint32_t> holes;       ///< CmdSNs passed over, by another connection it is hoped
    std::set<std::uint32_t> refused;     ///< CmdSNs of rejected requests, to be used again (RFC 7143 §7.3)
    std::set<std::uint16_t> cids;        ///< that have been in Full Feature Phase
    std::set<std::uint16_t> logged_out;  ///< CIDs that were logged out for recovery
};

}  // namespace persiscsi::conformance
