// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/fault_matrix/cell.hpp"

#include "initiator/discovery.hpp"
#include "initiator/errors.hpp"
#include "initiator/logical_unit.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizers' own
extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

constexpr auto target_name = "iqn.2026-11.org.persiscsi:disk";
constexpr std::uint32_t block_size = 512;
constexpr std::size_t transfer = 32768;  // bytes: immediate and solicited data, several Data-In
constexpr std::uint32_t segment = 4096;  // bytes
constexpr std::uint32_t burst = 16384;   // bytes
constexpr unsigned most_attempts = 12;   // of what one fault spoilt

std::vector<std::byte> pattern(unsigned seed) {
    std::vector<std::byte> bytes(transfer);
    for (auto& byte : bytes) byte = static_cast<std::byte>((seed = seed * 1103515245U + 12345U) >> 16U);
    return bytes;
}

target::server_options server(const arrangement& agreed) {
    target::target_options disk;
    disk.name = target_name;
    disk.luns = {{.lun = 0, .blocks = 256, .serial = {}}};
    disk.unit_attention = false;
    disk.limits.max_recv_data_segment_length = segment;
    disk.limits.first_burst_length = segment;
    disk.limits.max_burst_length = burst;
    disk.limits.max_connections = agreed.connections;
    disk.limits.command_window = 2;  // so that a closed one is noticed
    target::server_options server;
    server.targets = {disk};
    return server;
}

/// Sanitizers slow all combinations down that share the thread; the time-outs of their sessions go along.
std::chrono::milliseconds patient(std::chrono::milliseconds time) {
    return time * (__sanitizer_get_current_allocated_bytes != nullptr ? 6 : 1);
}

}  // namespace

cell::cell(asio::io_context& io, const fault_row& fault, const pdu_row& pdu, const arrangement& agreed)
    : io_(io), fault_(fault), pdu_(pdu), agreed_(agreed) {
    auto with = server(agreed);
    with.script = target::parse_fault_script(std::string(pdu.prelude) + "on " + pdu.name + "(1): " + fault.action);
    target_ = std::make_unique<target::scripted_target>(io, std::move(with));
}

std::string cell::name() const {
    return std::string(pdu_.name) + ", " + agreed_.name;
}

bool cell::must_go_on() const {
    return (pdu_.when == stage::data || pdu_.when == stage::idle) && pdu_.what != target::watched::reject;
}

std::string cell::outcome() const {
    std::string text;
    for (const auto& error : errors_) text += (text.empty() ? "" : "; ") + error;
    return text.empty() ? "data right" : text;
}

session_options cell::options() const {
    session_options with;
    with.login.initiator_name = "iqn.2026-11.org.persiscsi:host";
    with.login.target_name = target_name;
    with.login.isid = pdu::isid{0x800000001234};
    with.login.header_digest = with.login.data_digest = agreed_.digests ? digest_wish::crc32c : digest_wish::none;
    with.login.wishes.max_recv_data_segment_length = segment;
    with.login.wishes.error_recovery_level = agreed_.error_recovery_level;
    with.login.wishes.max_connections = agreed_.connections;
    with.portal = {"127.0.0.1", target_->port()};
    with.recovery = fail_after{10s};
    with.connect_timeout = patient(1000ms);
    with.login_timeout = patient(400ms);
    with.logout_timeout = patient(300ms);
    with.task_timeout = patient(1000ms);
    with.ping_interval = patient(100ms);
    with.ping_timeout = patient(200ms);
    with.command_retry = patient(150ms);
    with.backoff_first = 5ms;
    with.backoff_longest = 50ms;
    return with;
}

bool cell::happened() const {
    return target_->counters().faults >= (*pdu_.prelude == '\0' ? 1U : 2U);
}

bool cell::judge(const std::string& operation, error_code error) {
    if (!error) return true;
    const std::error_code as_given = error;  // Boost has a category of its own around each of ours
    const bool named = dynamic_cast<const table_category*>(&as_given.category()) != nullptr;
    const auto text = operation + ": " + error.message();
    if (!named) complaints_.push_back(text + " is no error of ours");
    if (story_.empty()) complaints_.push_back(text + " has no story");
    errors_.push_back(text);
    if (happened()) target_->set_script({});  // what lasts has been seen
    return false;
}

asio::awaitable<bool> cell::be_logged_in() {
    const auto state = session_ ? session_->state() : session_state::idle;
    const bool usable = state == session_state::logged_in || state == session_state::reconnecting;
    if (usable) co_return true;
    step_ = "login";
    session_ = std::make_unique<session>(io_.get_executor(), options());
    const auto [error] = co_await session_->async_login(story_, tuple);
    if (error) session_.reset();
    co_return judge("login", error);
}

/// Written and read again; true: the same bytes came back.
asio::awaitable<bool> cell::move_data() {
    logical_unit unit(*session_, pdu::lun_id{0});
    const auto written = pattern(++seed_);
    std::vector<std::byte> back(transfer);
    step_ = "write";
    const auto [unwritten] = co_await unit.async_write(scsi::lba{0}, block_size, written, false, story_, tuple);
    if (!judge("write", unwritten)) co_return false;
    step_ = "read";
    const auto [unread] = co_await unit.async_read(scsi::lba{0}, block_size, back, story_, tuple);
    if (!judge("read", unread)) co_return false;
    const auto [ours, theirs] = std::mismatch(written.begin(), written.end(), back.begin());
    if (ours != written.end())
        complaints_.push_back("success with wrong data from byte " + std::to_string(ours - written.begin()));
    co_return true;
}

asio::awaitable<void> cell::be_well() {
    asio::steady_timer pause(io_);
    for (unsigned attempt = 0; attempt < most_attempts; ++attempt) {
        if (co_await be_logged_in() && co_await move_data()) co_return;
        pause.expires_after(10ms);  // as a user would; a closed listener opens meanwhile
        (void)co_await pause.async_wait(tuple);
    }
    complaints_.push_back("not well after " + std::to_string(most_attempts) + " attempts: " + story_);
}

asio::awaitable<void> cell::discover() {
    step_ = "discovery";
    for (unsigned attempt = 0; attempt < most_attempts; ++attempt) {
        const auto [error, found] = co_await async_discover(io_.get_executor(), options(), story_, tuple);
        if (!judge("discovery", error)) continue;
        if (found.size() != 1 || found[0].name != target_name) complaints_.push_back("discovery found something else");
        co_return;
    }
    complaints_.push_back("no discovery after " + std::to_string(most_attempts) + " attempts: " + story_);
}

asio::awaitable<void> cell::stay_idle() {
    step_ = "idle";
    asio::steady_timer poll(io_);
    while (!happened()) {
        poll.expires_after(5ms);
        (void)co_await poll.async_wait(tuple);
    }
}

asio::awaitable<void> cell::live() {
    if (pdu_.when == stage::discovery) {
        co_await discover();
    } else {
        co_await be_well();
        if (pdu_.when == stage::idle) co_await stay_idle();
        if (pdu_.when == stage::management && session_) {
            step_ = "logical unit reset";
            const auto [error, told] = co_await session_->async_manage(
                pdu::task_management_function::logical_unit_reset, pdu::lun_id{0}, story_, tuple);
            judge("reset of the unit", error);
        }
        if (pdu_.when == stage::logout && session_) {
            step_ = "logout";
            const auto [error] = co_await session_->async_logout(story_, tuple);
            judge("logout", error);
        }
        co_await be_well();
    }
    if (!happened()) complaints_.push_back("the fault did not happen");
    const bool own_loss = pdu_.what == target::watched::data_out && agreed_.error_recovery_level == 0;
    if (fault_.truthful && !own_loss)  // where the target recovers nothing, it blames what it lost on the initiator
        for (const auto& breach : target_->violations()) complaints_.push_back("breach: " + breach);
    session_.reset();
    target_->stop();
    step_ = "end";
    done_ = true;
}

}  // namespace persiscsi::test
