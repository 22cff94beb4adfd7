// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/isns_client.hpp"

#include "initiator/net/operations.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

namespace asio = boost::asio;

/// The other end may send for ever; others on this thread get their turn.
constexpr int most_reads_in_a_row = 16;

isns::ip_address to_isns(const std::string& host) {
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    const auto v6 = address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
    isns::ip_address result{};
    std::ranges::transform(v6.to_bytes(), result.begin(), [](auto byte) { return static_cast<std::byte>(byte); });
    return result;
}

std::string to_host(const isns::ip_address& address) {
    asio::ip::address_v6::bytes_type bytes{};
    std::ranges::transform(address, bytes.begin(), [](std::byte byte) { return std::to_integer<unsigned char>(byte); });
    const asio::ip::address_v6 v6(bytes);
    return v6.is_v4_mapped() ? asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string() : v6.to_string();
}

std::vector<discovered_target> to_discovered(const std::vector<isns::known_target>& known) {
    std::vector<discovered_target> found;
    for (const auto& target : known) {
        auto& each = found.emplace_back(discovered_target{target.name, {}});
        for (const auto& at : target.portals)
            each.portals.push_back({portal{to_host(at.address), at.port}, at.portal_group_tag});
    }
    return found;
}

}  // namespace

void start_isns_discovery(asio::any_io_executor executor,
                          isns_options options,
                          diagnostics& story,
                          discovery_handler handler) {
    std::make_shared<isns_client>(std::move(executor), std::move(options), story, nullptr, std::move(handler))->start();
}

void start_isns_watch(asio::any_io_executor executor,
                      isns_options options,
                      diagnostics& story,
                      isns_news news,
                      asio::any_completion_handler<void(error_code)> handler) {
    const auto slot = asio::get_associated_cancellation_slot(handler);
    const auto runs_on = asio::get_associated_executor(handler, executor);
    auto ended = [handler = std::move(handler)](error_code error, const std::vector<discovered_target>&) mutable {
        std::move(handler)(error);
    };
    std::make_shared<isns_client>(executor,
                                  std::move(options),
                                  story,
                                  std::move(news),
                                  asio::bind_executor(runs_on, asio::bind_cancellation_slot(slot, std::move(ended))))
        ->start();
}

isns_client::isns_client(
    asio::any_io_executor executor, isns_options options, diagnostics& story, isns_news news, discovery_handler handler)
    : executor_(executor),
      options_(std::move(options)),
      story_(&story),
      news_(std::move(news)),
      handler_(std::move(handler)),
      timer_(executor) {}

void isns_client::start() {
    if (auto slot = asio::get_associated_cancellation_slot(handler_); slot.is_connected()) {
        slot.assign([weak = weak_from_this()](asio::cancellation_type) {
            if (const auto self = weak.lock()) self->cancel();
        });
    }
    arm();
    transport_ = transport::open(executor_, {options_.server, options_.local_address, {}}, weak_from_this());
}

void isns_client::cancel() {
    if (!news_) return finish({protocol_errc::local_cancelled, "cancelled"});
    if (!dialogue_) return finish({});
    arm();
    if (auto step = dialogue_->leave()) take(std::move(*step));
}

void isns_client::arm() {
    timer_.expires_after(options_.timeout);
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (error) return;
        self->finish({login_errc::timed_out,
                      "no complete answer after " + std::to_string(self->options_.timeout.count()) + " ms"});
    });
}

void isns_client::on_transport_up(transport& which) {
    const auto ends = which.endpoints();
    const auto ours = ends ? parse_portal(ends->local) : std::nullopt;
    if (!ours) return finish({isns_errc::remote_closed, {}});
    std::optional<std::uint16_t> scn_port;
    if (news_) {
        failure wrong;
        notifications_ = isns_notifications::open(
            executor_,
            ours->host,
            options_.initiator_name,
            [weak = weak_from_this()] {
                if (const auto self = weak.lock()) self->on_change();
            },
            wrong);
        if (wrong) return finish(std::move(wrong));
        scn_port = notifications_->port();
    }
    dialogue_.emplace(options_.initiator_name, to_isns(ours->host), ours->port, scn_port);
    which.wait_readable();
    take(dialogue_->start());
}

void isns_client::on_change() {
    if (finished_) return;
    auto step = dialogue_->changed();
    if (!step) return;
    arm();
    take(std::move(*step));
}

/// Answers, and the notifications of a server that sends them by the way we came.
void isns_client::on_message(const isns::message& message) {
    if (!news_ || message.function != static_cast<std::uint16_t>(isns::function::scn))
        return take(dialogue_->on_message(message));
    const auto bytes = isns::encode(isns::answer_to_notification(message, options_.initiator_name));
    output_.insert(output_.end(), bytes.begin(), bytes.end());
    write();
    on_change();
}

void isns_client::take(isns::discovery_dialogue::step step) {
    if (auto* end = std::get_if<isns::discovery_dialogue::done>(&step))
        return finish(std::move(end->failed), end->targets);
    if (const auto* told = std::get_if<isns::discovery_dialogue::news>(&step)) {
        timer_.cancel();
        return news_(to_discovered(told->targets));
    }
    const auto bytes = isns::encode(std::get<isns::message>(step));
    output_.insert(output_.end(), bytes.begin(), bytes.end());
    write();
}

void isns_client::write() {
    while (!finished_ && sent_ < output_.size()) {
        const std::array pieces{std::span<const std::byte>(output_).subspan(sent_)};
        auto moved = transport_->write_some(pieces);
        if (moved.lost) return on_transport_lost(*transport_, std::move(moved.lost));
        if (moved.would_block()) return transport_->wait_writable();
        sent_ += moved.bytes;
    }
    output_.clear();
    sent_ = 0;
}

void isns_client::read() {
    for (int reads = 0; reads < most_reads_in_a_row && !finished_; ++reads) {
        const auto space = reader_.space();
        auto moved = transport_->read_some({space, {}});
        if (moved.would_block()) return;
        if (moved.lost) return on_transport_lost(*transport_, std::move(moved.lost));
        reader_.filled(moved.bytes);
        const auto step = reader_.next();
        if (step == isns::message_reader::step::failed) return finish(reader_.failed());
        if (step == isns::message_reader::step::message) on_message(reader_.result());
    }
}

void isns_client::on_transport_readable(transport& which) {
    read();
    if (!finished_) which.wait_readable();
}

void isns_client::on_transport_writable(transport&) {
    write();
}

void isns_client::on_transport_lost(transport&, failure why) {
    if (why.code == protocol_errc::remote_closed) why.code = isns_errc::remote_closed;  // it is no target
    finish(std::move(why));
}

void isns_client::finish(failure failed, const std::vector<isns::known_target>& targets) {
    if (std::exchange(finished_, true)) return;
    if (failed)
        failed.detail = "iSNS discovery at " + to_string(options_.server) + ": " +
                        (failed.detail.empty() ? failed.code.message() : failed.detail);
    timer_.cancel();
    if (transport_) transport_->close();
    if (notifications_) notifications_->close();
    auto found = failed ? std::vector<discovered_target>{} : to_discovered(targets);
    complete(executor_, std::move(handler_), story_, failed, std::move(found));
}

}  // namespace persiscsi
