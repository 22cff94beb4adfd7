// SPDX-License-Identifier: Apache-2.0
// SCSI commands to the logical units of live sessions.
#include "daemon/api_failure.hpp"
#include "daemon/handlers.hpp"
#include "daemon/unit_replies.hpp"
#include "initiator/errors.hpp"
#include "initiator/logical_unit.hpp"
#include "initiator/scsi/errors.hpp"
#include "initiator/scsi/lun.hpp"
#include "initiator/scsi/vpd.hpp"
#include "persistence/errors.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>

namespace persiscsi::daemon {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

constexpr std::size_t max_listed_units = 1024;

std::shared_ptr<session> wire_of(const kept& session) {
    if (!session->wire)
        throw api_failure(api_errc::io_error,
                          "session " + to_string(session->id) + ": it cannot log in (" + session->broken + ")");
    return session->wire;
}

// The session of one request; it stays alive as long as this object.
struct unit_request {
    unit_request(const service& in, const api_request& request)
        : used(session_named(in, request.arguments.at(0))), wire(wire_of(used)), until(request.until) {}

    [[nodiscard]] logical_unit unit(pdu::lun_id lun) const { return {*wire, lun}; }

    kept used;
    std::shared_ptr<session> wire;
    deadline until;
};

// One SCSI command, ended by the deadline of its request.
class unit_call {
  public:
    explicit unit_call(const unit_request& within) : limit_(within.wire->get_executor(), within.until) {}

    diagnostics story;
    auto token() {
        return asio::bind_cancellation_slot(limit_.slot(), asio::redirect_error(asio::use_awaitable, code_));
    }
    // The logical unit itself said no; any other failure ends the request.
    bool refused_by_unit() const {
        if (code_ && std::error_code(code_).category() != scsi_category()) check();
        return static_cast<bool>(code_);
    }
    void check() const {
        if (!code_) return;
        const bool late = limit_.passed() || code_ == make_error_code(protocol_errc::local_task_timed_out);
        throw api_failure(late ? api_errc::timed_out : api_errc::io_error, story.empty() ? code_.message() : story);
    }

  private:
    error_code code_;
    time_limit limit_;
};

pdu::lun_id lun_argument(const api_request& request) {
    const auto& text = request.arguments.at(1);
    const auto lun = scsi::parse_lun(text);
    if (!lun)
        throw api_failure(
            api_errc::bad_request,
            "LUN " + persistence::in_quotes(text) + ": not a number from 0 to " + std::to_string(scsi::max_lun_number));
    return pdu::lun_id{*lun};
}

std::uint64_t number_query(const api_request& request, std::string_view name) {
    const auto text = request.query(name);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        throw api_failure(api_errc::bad_request,
                          "blocks: ?" + std::string(name) + "=" + persistence::in_quotes(text) + " is not a number");
    return number;
}

// The block size, once the range lies within the logical unit.
std::uint32_t check_range(const scsi::capacity& size, std::uint64_t lba, std::uint64_t blocks) {
    if (lba >= size.blocks || blocks > size.blocks - lba)
        throw api_failure(api_errc::io_error,
                          "blocks: " + std::to_string(blocks) + " at LBA " + std::to_string(lba) +
                              " reach past the end (" + std::to_string(size.blocks) + " blocks of " +
                              std::to_string(size.block_size) + " bytes)");
    return size.block_size;
}

awaitable<scsi::capacity> capacity_of(const unit_request& within, pdu::lun_id lun) {
    unit_call call(within);
    auto unit = within.unit(lun);
    auto size = co_await unit.async_read_capacity(call.story, call.token());
    call.check();
    co_return size;
}

// One page of vital product data; nullopt where the logical unit has none of that number.
awaitable<std::optional<std::vector<std::byte>>> page_of(const unit_request& within,
                                                         pdu::lun_id lun,
                                                         std::uint8_t number) {
    unit_call call(within);
    auto unit = within.unit(lun);
    auto page = co_await unit.async_inquiry_vpd(number, call.story, call.token());
    if (call.refused_by_unit()) co_return std::nullopt;
    co_return page;
}

// A logical unit that does not answer is listed all the same.
awaitable<json::object> entry_of(const unit_request& within, pdu::lun_id lun) {
    auto unit = within.unit(lun);
    unit_call asked_who(within);
    const auto who = co_await unit.async_inquiry(asked_who.story, asked_who.token());
    const bool named = !asked_who.refused_by_unit();
    unit_call asked_size(within);
    const auto size = co_await unit.async_read_capacity(asked_size.story, asked_size.token());
    const bool sized = !asked_size.refused_by_unit();
    co_return unit_json(lun, named ? &who : nullptr, sized ? &size : nullptr);
}

}  // namespace

awaitable<api_reply> list_units(service& in, api_request& request) {
    const unit_request within(in, request);
    auto first = within.unit(pdu::lun_id{0});
    unit_call call(within);
    const auto luns = co_await first.async_report_luns(call.story, call.token());
    call.check();
    if (luns.size() > max_listed_units)
        throw api_failure(api_errc::io_error,
                          "list LUNs: the target has " + std::to_string(luns.size()) + ", more than " +
                              std::to_string(max_listed_units));
    json::array all;
    for (const auto lun : luns) all.push_back(co_await entry_of(within, lun));
    api_reply reply;
    reply.body = json::object{{"luns", std::move(all)}};
    co_return reply;
}

awaitable<api_reply> get_inquiry(service& in, api_request& request) {
    const unit_request within(in, request);
    const auto lun = lun_argument(request);
    unit_call call(within);
    auto unit = within.unit(lun);
    const auto who = co_await unit.async_inquiry(call.story, call.token());
    call.check();
    const auto serial = co_await page_of(within, lun, scsi::vpd_page::unit_serial_number);
    const auto names = co_await page_of(within, lun, scsi::vpd_page::device_identification);
    api_reply reply;
    reply.body = inquiry_json(who, serial, names);
    co_return reply;
}

awaitable<api_reply> get_capacity(service& in, api_request& request) {
    const unit_request within(in, request);
    const auto size = co_await capacity_of(within, lun_argument(request));
    api_reply reply;
    reply.body = capacity_json(size);
    co_return reply;
}

awaitable<api_reply> get_ready(service& in, api_request& request) {
    const unit_request within(in, request);
    auto unit = within.unit(lun_argument(request));
    unit_call call(within);
    co_await unit.async_test_unit_ready(call.story, call.token());
    call.check();
    api_reply reply;
    reply.body = json::object{{"ready", true}};
    co_return reply;
}

awaitable<api_reply> read_blocks(service& in, api_request& request) {
    const unit_request within(in, request);
    const auto lun = lun_argument(request);
    const auto lba = number_query(request, "lba");
    const auto blocks = number_query(request, "blocks");
    const auto size = co_await capacity_of(within, lun);
    const auto block_size = check_range(size, lba, blocks);
    if (blocks == 0 || blocks > max_octets / block_size)
        throw api_failure(
            api_errc::bad_request,
            "blocks: ?blocks=" + std::to_string(blocks) + " is not 1 to " + std::to_string(max_octets / block_size));
    api_reply reply;
    reply.is_octets = true;
    reply.octets.resize(static_cast<std::size_t>(blocks) * block_size);
    unit_call call(within);
    auto unit = within.unit(lun);
    co_await unit.async_read(scsi::lba{lba}, block_size, reply.octets, call.story, call.token());
    call.check();
    co_return reply;
}

awaitable<api_reply> write_blocks(service& in, api_request& request) {
    const unit_request within(in, request);
    const auto lun = lun_argument(request);
    const auto lba = number_query(request, "lba");
    const bool fua = request.query("fua") == "true";
    const auto size = co_await capacity_of(within, lun);
    const auto& data = request.octets;
    if (data.empty() || data.size() % size.block_size != 0)
        throw api_failure(api_errc::bad_request,
                          "blocks: " + std::to_string(data.size()) + " bytes are not whole blocks of " +
                              std::to_string(size.block_size));
    const auto block_size = check_range(size, lba, data.size() / size.block_size);
    unit_call call(within);
    auto unit = within.unit(lun);
    co_await unit.async_write(scsi::lba{lba}, block_size, data, fua, call.story, call.token());
    call.check();
    api_reply reply;
    reply.body = json::object{{"blocks", data.size() / block_size}};
    co_return reply;
}

awaitable<api_reply> flush_unit(service& in, api_request& request) {
    const unit_request within(in, request);
    auto unit = within.unit(lun_argument(request));
    unit_call call(within);
    co_await unit.async_flush(call.story, call.token());
    call.check();
    api_reply reply;
    reply.body = json::object();
    co_return reply;
}

}  // namespace persiscsi::daemon
