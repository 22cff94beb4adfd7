// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/judge.hpp"
#include "tests/script/core_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persiscsi::conformance {

using namespace std::chrono_literals;
using test::pattern;
using session = session_core;
using bytes = std::vector<std::byte>;

/// One session of the initiator with a target that the test writes out PDU by PDU, and the judge between them. The
/// judge must have nothing to say when the test ends.
class conformance_case : public testing::Test {
  protected:
    /// Changed before the login.
    session_options options = test::plain_options();
    random_source random;  ///< sevens where it is empty
    pdu::text_keys target_keys = {
        {"InitialR2T", "Yes"}, {"ImmediateData", "Yes"}, {"MaxRecvDataSegmentLength", "8192"}};

    void TearDown() override;

    // login
    void log_in(const pdu::text_keys& changed = {});
    void log_in_all(const pdu::text_keys& changed = {});
    /// Up to the first Login Request, which waits to be taken.
    void begin_login();
    /// The next Login Request; its keys are in `said`.
    pdu::login_request login_request(connection_number connection = 0);
    void answer_login(const pdu::login_request& to,
                      const pdu::text_keys& keys,
                      bool transit = true,
                      connection_number connection = 0);
    /// Through the security stage: the operational offers are in `said`.
    pdu::login_request operational_request();
    /// The whole login, with these answers in its last response; true where it succeeds.
    [[nodiscard]] bool login_succeeds_with(const pdu::text_keys& answers);
    [[nodiscard]] std::string said_value(const std::string& key) const;
    /// The login has failed for this reason, and its connection was closed.
    void expect_login_failed(std::error_code why);

    // commands
    pdu::task_tag read(std::uint32_t size, std::uint64_t lun = 0);
    pdu::task_tag write(std::uint32_t size, std::uint64_t lun = 0);
    [[nodiscard]] scsi_outcome outcome();
    void expect_good() { EXPECT_FALSE(outcome().failed); }
    bytes written;  ///< what the last write holds
    [[nodiscard]] const bytes& memory() const { return memories_.back(); }

    // the target's words
    template <class Pdu>
    [[nodiscard]] Pdu next(bytes* data = nullptr, connection_number connection = 0) {
        return target->template expect<Pdu>(data, connection);
    }
    template <class Pdu>
    void say(Pdu pdu, bytes data = {}, bool takes_stat_sn = true, connection_number connection = 0) {
        target->answer(pdu, std::move(data), takes_stat_sn, connection);
    }
    void good(pdu::task_tag tag, connection_number connection = 0);
    void status(pdu::task_tag tag, std::uint8_t code, std::uint32_t residual);
    void check_condition(
        pdu::task_tag tag, std::uint8_t key, std::uint8_t asc, std::uint8_t ascq, std::uint32_t residual);
    void data_in(pdu::task_tag tag,
                 std::uint32_t sn,
                 std::uint32_t offset,
                 std::uint32_t size,
                 bool last,
                 connection_number connection = 0);
    void r2t(pdu::task_tag tag, std::uint32_t ttt, std::uint32_t sn, std::uint32_t offset, std::uint32_t size);
    void nop_in(std::uint32_t ttt, std::uint64_t lun = 0);
    void tell_window() { say(pdu::nop_in{}, {}, false); }
    void answer_logout(const pdu::logout_request& to, connection_number connection = 0);
    /// Takes the Data-Out PDUs of one sequence; what they carried.
    bytes data_outs(std::uint32_t ttt, std::uint32_t offset, std::size_t size, std::size_t at_most = 8192);

    [[nodiscard]] bool silent() { return target->silent(); }
    [[nodiscard]] bool closed() { return !target->take<session::close_transport>().empty(); }
    [[nodiscard]] session_state state() const { return target->core.state(); }

    judge the_judge;
    std::unique_ptr<test::core_harness> target;
    std::map<std::string, std::string> said;
    int owner = 0;

  private:
    void make_target(const pdu::text_keys& changed);
    std::deque<bytes> memories_;
};

/// `keys` with some of them replaced or added.
[[nodiscard]] pdu::text_keys with(pdu::text_keys keys, const pdu::text_keys& changed);

}  // namespace persiscsi::conformance
