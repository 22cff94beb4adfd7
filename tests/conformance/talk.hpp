// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/any_pdu.hpp"
#include "pdu/frame.hpp"
#include "pdu/text.hpp"
#include "tests/conformance/judge.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::conformance {

/// A conversation between two made-up parties with the judge between them: well-behaved, but for what an edit spoils.
class talk {
  public:
    using bytes = std::vector<std::byte>;
    using edit = std::function<void(bytes&)>;

    judge judged;
    std::uint32_t connection = 0;
    std::uint32_t cmd_sn = 1;
    std::uint32_t stat_sn = 1000;
    std::uint32_t window = 64;
    std::uint16_t cid = 0;
    pdu::digests digests;

    /// "A=1;B=2" as text keys, each with its NUL.
    [[nodiscard]] static bytes text(std::string_view keys);
    /// Writes a big-endian number into the bytes of a PDU.
    template <std::size_t Width = 4>
    [[nodiscard]] static edit put(std::size_t offset, std::uint64_t value) {
        return [=](bytes& pdu) { pdu::store_be<Width>(pdu.data() + offset, value); };
    }
    [[nodiscard]] static edit flip(std::size_t offset, std::uint8_t mask) {
        return [=](bytes& pdu) { pdu[offset] ^= std::byte{mask}; };
    }

    template <class Pdu>
    void send(Pdu pdu, bytes data = {}, const edit& spoil = {}) {
        if constexpr (requires { pdu.cmd_sn; }) {
            pdu.cmd_sn = {cmd_sn};
            if constexpr (requires { pdu.immediate; })
                if (!pdu.immediate) ++cmd_sn;
        }
        pdu.exp_stat_sn = {has_status_ ? stat_sn : 0};
        send_frame(pdu::frame(pdu::encode(pdu), std::move(data), digests), spoil);
    }
    void send_frame(const pdu::frame& frame, const edit& spoil = {});

    template <class Pdu>
    void answer(Pdu pdu, bytes data = {}, bool takes_stat_sn = true, const edit& spoil = {}) {
        pdu.stat_sn = {stat_sn};
        if (takes_stat_sn) ++stat_sn;
        pdu.exp_cmd_sn = {cmd_sn};
        pdu.max_cmd_sn = {cmd_sn + window - 1};
        has_status_ = true;
        answer_frame(pdu::frame(pdu::encode(pdu), std::move(data), digests), spoil);
    }
    void answer_frame(const pdu::frame& frame, const edit& spoil = {});

    void open();
    /// One Login Request in `stage` with the T bit, and its answer.
    void login_request(pdu::login_stage stage, std::string_view keys, const edit& spoil = {});
    void login_response(pdu::login_stage stage, std::string_view keys, bool transit = true, bool continued = false);
    void security_stage(std::string_view keys = names);
    void log_in(std::string_view offers = "", std::string_view answers = "", std::string_view first = names);
    /// A further connection of the session, in Full Feature Phase.
    void add_connection(std::uint32_t number, std::uint16_t its_cid);

    void command(std::uint32_t tag, bool write, std::uint32_t size, bytes data = {}, const edit& spoil = {});
    void data_out(std::uint32_t tag,
                  std::uint32_t ttt,
                  std::uint32_t sn,
                  std::uint32_t offset,
                  std::size_t size,
                  bool final,
                  const edit& spoil = {});
    void r2t(std::uint32_t tag, std::uint32_t ttt, std::uint32_t sn, std::uint32_t offset, std::uint32_t size);
    void data_in(std::uint32_t tag, std::uint32_t sn, std::uint32_t offset, std::size_t size, bool acknowledge = false);

    static constexpr std::string_view names =
        "InitiatorName=iqn.2026-11.org.persiscsi:i;TargetName=iqn.2026-11.org.persiscsi:t;SessionType=Normal;"
        "AuthMethod=None";
    static constexpr auto the_isid = pdu::isid{0x800000000001};

    pdu::tsih tsih = pdu::tsih::fresh;  ///< of the next login

  private:
    bool has_status_ = false;
};

}  // namespace persiscsi::conformance
