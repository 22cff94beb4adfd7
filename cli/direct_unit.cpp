// SPDX-License-Identifier: Apache-2.0
#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/direct_loop.hpp"
#include "cli/invocation.hpp"
#include "cli/login_choice.hpp"
#include "cli/negotiated_keys.hpp"
#include "cli/unit_access.hpp"
#include "cli/unit_json.hpp"
#include "initiator/logical_unit.hpp"
#include "initiator/scsi/errors.hpp"
#include "initiator/scsi/lun.hpp"
#include "initiator/scsi/vpd.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/json/array.hpp>

#include <algorithm>
#include <memory>
#include <poll.h>
#include <span>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

pdu::lun_id flat_lun(std::uint16_t number) {
    return pdu::lun_id{scsi::encode_lun(number)};
}

/// A target that does not answer a logout keeps nobody waiting; closing the connection ends the session as well.
constexpr std::chrono::seconds logout_patience{2};

class direct_unit final : public unit_access {
  public:
    direct_unit(const target_url& url, invocation& line, console& out, session_options options)
        : unit_access(to_string(url)),
          out_(&out),
          loop_(line, out, name()),
          session_(loop_.executor(), std::move(options)),
          lun_(session_, flat_lun(url.lun.value_or(0))) {}

    direct_unit(const direct_unit&) = delete;
    direct_unit& operator=(const direct_unit&) = delete;
    ~direct_unit() override { close(); }

    void log_in() {
        const auto ended =
            loop_.wait("login", [this](auto& story, auto then) { session_.async_login(story, std::move(then)); });
        if (ended->error) throw command_error(exit_code_of_login(ended->error), name(), reason_of(*ended));
        tell_login();
    }

    json::object luns() override {
        const auto found = ask<std::vector<pdu::lun_id>>(
            "REPORT LUNS", [this](auto& story, auto then) { lun_.async_report_luns(story, std::move(then)); });
        json::array list;
        for (const auto lun : found) list.push_back(entry_of(lun));
        return {{"luns", std::move(list)}};
    }

    json::object inquiry() override {
        const auto standard = ask<scsi::standard_inquiry>(
            "INQUIRY", [this](auto& story, auto then) { lun_.async_inquiry(story, std::move(then)); });
        return inquiry_to_json(standard,
                               page(scsi::vpd_page::unit_serial_number, scsi::parse_unit_serial_number),
                               page(scsi::vpd_page::device_identification, scsi::parse_device_identification));
    }

    json::object capacity() override {
        return capacity_to_json(ask<scsi::capacity>(
            "READ CAPACITY", [this](auto& story, auto then) { lun_.async_read_capacity(story, std::move(then)); }));
    }

    void test_ready() override {
        ask("TEST UNIT READY", [this](auto& story, auto then) { lun_.async_test_unit_ready(story, std::move(then)); });
    }

    void flush() override {
        ask("SYNCHRONIZE CACHE", [this](auto& story, auto then) { lun_.async_flush(story, std::move(then)); });
    }

    void unmap(std::uint64_t lba, std::uint32_t blocks) override {
        ask("UNMAP", [&](auto& story, auto then) {
            lun_.async_unmap(scsi::lba{lba}, scsi::block_count{blocks}, story, std::move(then));
        });
    }

    void execute(const std::shared_ptr<raw_command>& command, std::optional<std::chrono::milliseconds> limit) override {
        scsi_task task{.lun = lun_.lun(), .data_in = command->data_in, .data_out = command->data_out};
        const auto field = std::span(command->cdb).first(std::min(command->cdb.size(), task.cdb.size()));
        std::copy(field.begin(), field.end(), task.cdb.begin());
        task.cdb_rest = std::span(command->cdb).subspan(field.size());
        task.timeout = limit.value_or(std::chrono::milliseconds(0));
        task.repeatable = false;
        const auto ended = std::make_shared<direct_loop::outcome<>>();
        // The handler shares the command, and with it the memory that the session reads and writes.
        session_.async_execute(task, ended->story, [ended, command](error_code error, scsi_outcome outcome) {
            command->outcome = std::move(outcome);
            ended->error = error;
            ended->done = true;
        });
        loop_.run_until([&] { return ended->done; }, command->name());
        if (ended->error) throw command_error(exit_code_of(ended->error), name(), reason_of(*ended));
    }

    void clear_attentions() override {
        const auto ended = loop_.wait(
            "TEST UNIT READY", [this](auto& story, auto then) { lun_.async_test_unit_ready(story, std::move(then)); });
        fail_unless_scsi(*ended);
    }

    [[nodiscard]] pace data_pace() const override { return {262144, 8}; }

    void start_read(const std::shared_ptr<block_request>& request, std::uint32_t block_size) override {
        ++outstanding_;
        lun_.async_read(scsi::lba{request->lba}, block_size, request->data, request->story, ending(request));
    }

    void start_write(const std::shared_ptr<block_request>& request, std::uint32_t block_size, bool fua) override {
        ++outstanding_;
        lun_.async_write(scsi::lba{request->lba}, block_size, request->data, fua, request->story, ending(request));
    }

    void wait_for(const block_request& request) override {
        if (!request.done)
            loop_.run_until([&] { return request.done; }, "data of block " + std::to_string(request.lba));
    }

    void wait_until_readable(int descriptor) override { wait_on(descriptor, POLLIN); }
    void wait_until_writable(int descriptor) override { wait_on(descriptor, POLLOUT); }

    void close() override {
        if (session_.state() != session_state::logged_in) return;
        tell_missing_connections();
        out_->debug("logout");
        const auto ended =
            loop_.begin([this](auto& story, auto then) { session_.async_logout(story, std::move(then)); });
        if (!loop_.run_for([&] { return ended->done; }, logout_patience))
            out_->verbose("logout: no answer");
        else if (ended->error)
            out_->verbose("logout: " + reason_of(*ended));
    }

  private:
    template <class Result>
    static std::string reason_of(const direct_loop::outcome<Result>& ended) {
        return ended.story.empty() ? ended.error.message() : ended.story;
    }

    template <class Result = std::monostate, class Start>
    Result ask(const std::string& step, Start start) {
        const auto ended = loop_.wait<Result>(step, std::move(start));
        if (ended->error) throw command_error(exit_code_of(ended->error), name(), reason_of(*ended));
        return std::move(ended->result);
    }

    /// An answer of the logical unit, whichever, is one; a lost session is not.
    template <class Result>
    void fail_unless_scsi(const direct_loop::outcome<Result>& ended) {
        if (ended.error && std::error_code(ended.error).category() != scsi_category())
            throw command_error(exit_code_of(ended.error), name(), reason_of(ended));
    }

    /// A VPD page, or nothing where the logical unit refuses it. A broken reply is an error.
    template <class Parse>
    auto page(std::uint8_t number, Parse parse) -> std::optional<decltype(parse({}).value)> {
        const auto ended = loop_.wait<std::vector<std::byte>>("INQUIRY of a VPD page", [&](auto& story, auto then) {
            lun_.async_inquiry_vpd(number, story, std::move(then));
        });
        fail_unless_scsi(*ended);
        if (ended->error) return std::nullopt;
        auto parsed = parse(ended->result);
        if (parsed.error) throw command_error(exit_code_of(parsed.error), name(), parsed.detail);
        return std::move(parsed.value);
    }

    /// A logical unit that does not answer is listed all the same.
    json::object entry_of(pdu::lun_id lun) {
        logical_unit unit(session_, lun);
        const auto who = loop_.wait<scsi::standard_inquiry>(
            "INQUIRY", [&](auto& story, auto then) { unit.async_inquiry(story, std::move(then)); });
        const auto size = loop_.wait<scsi::capacity>(
            "READ CAPACITY", [&](auto& story, auto then) { unit.async_read_capacity(story, std::move(then)); });
        fail_unless_scsi(*who);
        fail_unless_scsi(*size);
        json::object entry{{"lun", lun_to_json(lun)}, {"size", nullptr}, {"block_size", nullptr}};
        if (!size->error) {
            entry["size"] = size->result.bytes();
            entry["block_size"] = size->result.block_size;
        }
        entry["vendor"] = who->error ? json::value() : json::value(who->result.vendor);
        entry["product"] = who->error ? json::value() : json::value(who->result.product);
        return entry;
    }

    /// Keeps request and buffers until the operation has ended, whoever still waits.
    std::function<void(error_code)> ending(const std::shared_ptr<block_request>& request) {
        return [this, request](error_code error) {
            --outstanding_;
            request->error = error;
            request->done = true;
        };
    }

    void wait_on(int descriptor, short events) {
        pollfd now{descriptor, events, 0};
        if (::poll(&now, 1, 0) > 0) return;
        boost::asio::posix::stream_descriptor watched(loop_.executor());
        boost::system::error_code error;
        watched.assign(::dup(descriptor), error);
        // Shared: where the time is up, the handler is called later, when this function has gone.
        // What epoll refuses never makes anybody wait.
        const auto ready = std::make_shared<bool>(static_cast<bool>(error));
        using wait_type = boost::asio::posix::descriptor_base;
        if (!error)
            watched.async_wait(events == POLLIN ? wait_type::wait_read : wait_type::wait_write,
                               [ready](const boost::system::error_code&) { *ready = true; });
        loop_.run_until([&ready] { return *ready; },
                        events == POLLIN ? "waiting for input" : "waiting for the output's reader");
    }

    void tell_login() {
        const auto& agreed = session_.agreed();
        if (!agreed) return;
        out_->verbose("logged in to " + name() + ", " + agreed->auth_method + ", header digest " +
                      (agreed->header_digest ? "CRC32C" : "None") + ", data digest " +
                      (agreed->data_digest ? "CRC32C" : "None"));
        const auto less = granted_less(*agreed, session_.options().login);
        if (!less.empty()) out_->verbose("the target grants less than asked for: " + less);
        out_->debug("agreed: " + negotiated_keys(*agreed));
    }

    /// Connections beyond the first come and go beside the work, which does not depend on them.
    void tell_missing_connections() {
        const auto all = session_.connections();
        const auto up = std::ranges::count_if(all, &connection_view::logged_in);
        if (static_cast<std::size_t>(up) == all.size()) return;
        const auto& why = session_.last_failure().detail;
        out_->verbose(std::to_string(up) + " of " + std::to_string(all.size()) +
                      " connections were logged in at the end" + (why.empty() ? "" : ": " + why));
    }

    console* out_;
    direct_loop loop_;
    session session_;
    logical_unit lun_;
    std::size_t outstanding_ = 0;
};

}  // namespace

std::unique_ptr<unit_access> open_direct_unit(const target_url& url, invocation& line, console& out) {
    const auto choice = login_choice_of(line, url.user);
    auto options = session_options_of(choice, line, url.portal);
    warn_of(choice, out);
    options.login.target_name = url.target;
    auto unit = std::make_unique<direct_unit>(url, line, out, std::move(options));
    unit->log_in();
    return unit;
}

}  // namespace persiscsi::cli
