// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/any_pdu.hpp"
#include "pdu/frame.hpp"
#include "pdu/pdu_reader.hpp"
#include "pdu/text.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace persiscsi::target::test {

/// The target closed the connection where a PDU was waited for.
struct connection_closed : std::runtime_error {
    connection_closed() : std::runtime_error("the target closed the connection") {}
};
/// No byte came within the bound of the test.
struct nothing_came : std::runtime_error {
    nothing_came() : std::runtime_error("no PDU within the bound") {}
};

struct received_pdu {
    pdu::bhs_bytes bhs{};
    std::vector<std::byte> data;

    template <class Pdu>
    [[nodiscard]] Pdu as() const {
        if (pdu::opcode_of(bhs) != Pdu::opcode)
            throw std::runtime_error("expected " + std::string(Pdu::title) + ", got opcode " +
                                     std::to_string(static_cast<unsigned>(pdu::opcode_of(bhs))));
        return pdu::decode<Pdu>(bhs);
    }
};

/// What became of a command.
struct command_result {
    std::uint8_t status = 0xff;
    std::vector<std::byte> data;   ///< of Data-In, by offset
    std::vector<std::byte> sense;  ///< fixed format, without its length
    std::uint32_t residual = 0;
    bool overflow = false, underflow = false;
    std::size_t data_in_pdus = 0, r2ts = 0;
    bool status_in_data = false;

    /// Key, ASC, ASCQ as one number: 0x052100.
    [[nodiscard]] unsigned sense_code() const;
};

/// An initiator that does what a test tells it and nothing by itself: blocking socket, every wait bounded.
class raw_initiator {
  public:
    struct options {
        std::string name = "iqn.2026-01.example:raw";
        std::string target = "iqn.2026-01.example:disk";
        std::uint64_t isid = 0x800000000001;
        pdu::text_keys keys{};  ///< operational keys
        std::chrono::milliseconds bound{5000};
        std::uint16_t tsih = 0, cid = 1;
        std::shared_ptr<pdu::command_sn> numbering{};  ///< of the session that tsih names
    };
    raw_initiator(std::uint16_t port, options wanted);
    ~raw_initiator();
    raw_initiator(const raw_initiator&) = delete;
    raw_initiator& operator=(const raw_initiator&) = delete;

    /// Straight to Full Feature Phase without authentication. Returns the last Login Response.
    pdu::login_response login();
    /// One Login Request and its response.
    received_pdu login_step(pdu::login_request request, const pdu::text_keys& keys);
    [[nodiscard]] pdu::login_request login_request(pdu::login_stage current,
                                                   std::optional<pdu::login_stage> next) const;
    /// What the login led to; keys the target answered.
    void begin_full_feature(pdu::digests digests);
    [[nodiscard]] const pdu::text_keys& answers() const { return answers_; }

    void send(const pdu::bhs_bytes& bhs, std::span<const std::byte> data = {});
    template <class Pdu>
    void send(const Pdu& pdu, std::span<const std::byte> data = {}) {
        send(pdu::encode(pdu), data);
    }
    /// Spoils a byte of the data on its way: only the data digest tells.
    template <class Pdu>
    void send_corrupt(const Pdu& pdu, std::span<const std::byte> data) {
        send_spoilt(pdu::encode(pdu), data);
    }
    void send_bytes(std::span<const std::byte> bytes);
    [[nodiscard]] received_pdu receive();
    /// True when the target closes without sending any further PDU.
    [[nodiscard]] bool is_closed();

    /// A command PDU with the next CmdSN and a fresh tag.
    [[nodiscard]] pdu::scsi_command command(std::span<const std::uint8_t> cdb,
                                            std::uint32_t expected_length,
                                            bool read,
                                            bool write);
    [[nodiscard]] command_result run(std::initializer_list<std::uint8_t> cdb, std::uint32_t read_length = 0);
    /// Sends `immediate` bytes with the command and `unsolicited` in Data-Out PDUs, the rest as R2Ts ask.
    [[nodiscard]] command_result run_write(std::initializer_list<std::uint8_t> cdb,
                                           std::span<const std::byte> data,
                                           std::size_t immediate = 0,
                                           std::size_t unsolicited = 0);
    /// An immediate NOP-Out and its answer: what was sent before has been looked at.
    pdu::nop_in run_nop();
    /// A NOP-Out that wants no answer: it tells ExpStatSN, or the one given.
    void send_acknowledgement(std::optional<pdu::status_sn> exp_stat_sn = {});
    [[nodiscard]] command_result finish(pdu::task_tag tag, std::span<const std::byte> data = {});

    [[nodiscard]] pdu::command_sn next_cmd_sn() const { return *cmd_sn_; }
    [[nodiscard]] const std::shared_ptr<pdu::command_sn>& numbering() const { return cmd_sn_; }
    /// TSIH the login led to.
    [[nodiscard]] std::uint16_t tsih() const { return tsih_; }
    pdu::command_sn take_cmd_sn();
    [[nodiscard]] pdu::task_tag fresh_tag() { return static_cast<pdu::task_tag>(next_tag_++); }
    [[nodiscard]] pdu::command_sn max_cmd_sn() const { return max_cmd_sn_; }

    [[nodiscard]] pdu::status_sn exp_stat_sn() const { return exp_stat_sn_; }
    std::size_t piece = 8192;  ///< bytes of data in one Data-Out

  private:
    void send_spoilt(const pdu::bhs_bytes& bhs, std::span<const std::byte> data);
    void send_data_out(
        pdu::task_tag tag, pdu::transfer_tag ttt, std::span<const std::byte> data, std::size_t from, std::size_t to);

    options options_;
    int socket_ = -1;
    pdu::digests digests_;
    pdu::pdu_reader reader_{0xffffff};
    pdu::text_keys answers_;
    std::uint16_t tsih_ = 0;
    /// Wraps soon: serial arithmetic is exercised.
    std::shared_ptr<pdu::command_sn> cmd_sn_ = std::make_shared<pdu::command_sn>(pdu::command_sn{0xfffffffe});
    pdu::command_sn max_cmd_sn_{};
    pdu::status_sn exp_stat_sn_{};
    std::uint32_t next_tag_ = 1;  ///< with the CID in the upper half: of the session
};

/// CRC-free pattern that tells offsets apart.
[[nodiscard]] std::vector<std::byte> pattern(std::size_t size, unsigned seed = 1);

}  // namespace persiscsi::target::test
