// SPDX-License-Identifier: Apache-2.0
#include "tests/target/isns_server.hpp"

#include "initiator/isns/message_reader.hpp"
#include "pdu/endian.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace persiscsi::target {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using isns::function;
using isns::tag;
using tcp = asio::ip::tcp;

std::string text_of(const isns::attribute& from) {
    std::string text;
    for (const auto byte : from.value)
        if (byte != std::byte{0}) text += static_cast<char>(byte);
    return text;
}

std::string first_text(const isns::message& request, tag wanted) {
    for (const auto& each : request.attributes)
        if (each.tag == wanted) return text_of(each);
    return {};
}

void append_target(std::vector<isns::attribute>& to, const isns::known_target& target) {
    to.push_back(isns::text(tag::iscsi_name, target.name));
    to.push_back(isns::number(tag::iscsi_node_type, isns::target_node));
    for (const auto& portal : target.portals) {
        to.push_back(isns::text(tag::pg_iscsi_name, target.name));
        to.push_back(isns::address(tag::pg_portal_ip_address, portal.address));
        to.push_back(isns::number(tag::pg_portal_port, portal.port));
        to.push_back(isns::number(tag::pg_tag, portal.portal_group_tag));
    }
}

/// The PDU in pieces, each with a header of its own (RFC 4171).
std::vector<std::byte> in_fragments(const std::vector<std::byte>& pdu, std::size_t most) {
    std::vector<std::byte> all;
    std::size_t at = isns::header_size;
    for (std::uint16_t sequence = 0; at < pdu.size() || sequence == 0; ++sequence) {
        const auto count = std::min(most, pdu.size() - at);
        auto header = std::vector<std::byte>(pdu.begin(), pdu.begin() + isns::header_size);
        const bool last = at + count == pdu.size();
        unsigned flags = isns::sent_by_server;
        if (sequence == 0) flags |= isns::first_pdu;
        if (last) flags |= isns::last_pdu;
        pdu::store_be<2>(header.data() + 4, count);
        pdu::store_be<2>(header.data() + 6, flags);
        pdu::store_be<2>(header.data() + 10, sequence);
        all.insert(all.end(), header.begin(), header.end());
        const auto begin = pdu.begin() + static_cast<std::ptrdiff_t>(at);
        all.insert(all.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
        at += count;
    }
    return all;
}

}  // namespace

class isns_server::listener : public std::enable_shared_from_this<listener> {
  public:
    listener(asio::io_context& on, isns_server_options with)
        : io(on), options(std::move(with)), acceptor(on, {asio::ip::address_v4::loopback(), 0}) {}

    struct connection {
        explicit connection(tcp::socket from) : socket(std::move(from)) {}
        tcp::socket socket;
        isns::message_reader reader;
        std::vector<std::byte> output;
    };

    void accept_next() {
        acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            if (error) return;
            const auto fresh = std::make_shared<connection>(std::move(socket));
            self->connections.insert(fresh);
            self->read(fresh);
            self->accept_next();
        });
    }
    void close(const std::shared_ptr<connection>& which) {
        error_code ignored;
        which->socket.close(ignored);
        connections.erase(which);
    }
    void stop() {
        error_code ignored;
        acceptor.close(ignored);
        for (const auto& each : std::exchange(connections, {})) each->socket.close(ignored);
    }

    void read(const std::shared_ptr<connection>& from) {
        const auto space = from->reader.space();
        from->socket.async_read_some(asio::buffer(space.data(), space.size()),
                                     [self = shared_from_this(), from](error_code error, std::size_t count) {
                                         if (error) return self->close(from);
                                         from->reader.filled(count);
                                         const auto step = from->reader.next();
                                         if (step == isns::message_reader::step::failed) return self->close(from);
                                         if (step == isns::message_reader::step::message)
                                             return self->on_request(from, from->reader.result());
                                         self->read(from);
                                     });
    }
    void on_request(const std::shared_ptr<connection>& from, const isns::message& request) {
        requests.push_back(request);
        if (options.silent) return read(from);
        const auto raw = options.raw_answers.find(function{request.function});
        if (raw != options.raw_answers.end()) return send(from, raw->second, true);
        send(from, in_fragments(encode(answer_to(request), isns::sent_by_server), options.fragment), false);
    }
    void send(const std::shared_ptr<connection>& to, std::vector<std::byte> bytes, bool then_close) {
        to->output = std::move(bytes);
        asio::async_write(to->socket,
                          asio::buffer(to->output),
                          [self = shared_from_this(), to, then_close](error_code error, std::size_t) {
                              if (error || then_close) return self->close(to);
                              self->read(to);
                          });
    }

    isns::message answer_to(const isns::message& request) {
        isns::message answer{.function = static_cast<std::uint16_t>(request.function | isns::response_bit),
                             .transaction = request.transaction};
        const auto refusal = options.refusals.find(function{request.function});
        if (refusal != options.refusals.end())
            answer.status = refusal->second;
        else if (request.function == static_cast<std::uint16_t>(function::dev_attr_qry))
            answer_query(answer);
        else if (request.function == static_cast<std::uint16_t>(function::dev_attr_reg))
            register_entity(request);
        else if (request.function == static_cast<std::uint16_t>(function::scn_reg))
            subscriber = first_text(request, tag::iscsi_name);
        else if (request.function == static_cast<std::uint16_t>(function::dev_dereg))
            std::erase(entities, first_text(request, tag::entity_identifier));
        return answer;
    }
    void register_entity(const isns::message& request) {
        entities.push_back(first_text(request, tag::entity_identifier));
        for (const auto& each : request.attributes)
            if (each.tag == tag::scn_port) scn_port = static_cast<std::uint16_t>(pdu::load_be<4>(each.value.data()));
    }
    void notify() {
        if (subscriber.empty() || scn_port == 0) return;
        const auto to = std::make_shared<connection>(tcp::socket(io));
        connections.insert(to);
        to->socket.async_connect({asio::ip::address_v4::loopback(), scn_port},
                                 [self = shared_from_this(), to](error_code error) {
                                     if (!error) self->send_notification(to);
                                 });
    }
    void send_notification(const std::shared_ptr<connection>& to) {
        const isns::message notification{.function = static_cast<std::uint16_t>(function::scn),
                                         .transaction = 99,
                                         .attributes = {isns::text(tag::iscsi_name, subscriber),
                                                        {tag::timestamp, std::vector<std::byte>(8)},
                                                        isns::number(tag::iscsi_scn_bitmap, isns::object_added),
                                                        isns::text(tag::iscsi_name, "iqn.somebody")}};
        to->output = encode(notification, isns::sent_by_server);
        asio::async_write(
            to->socket, asio::buffer(to->output), [self = shared_from_this(), to](error_code error, std::size_t) {
                if (!error) self->read_notification_answer(to);
            });
    }
    void read_notification_answer(const std::shared_ptr<connection>& from) {
        const auto space = from->reader.space();
        from->socket.async_read_some(asio::buffer(space.data(), space.size()),
                                     [self = shared_from_this(), from](error_code error, std::size_t count) {
                                         if (error) return self->close(from);
                                         from->reader.filled(count);
                                         if (from->reader.next() != isns::message_reader::step::message)
                                             return self->read_notification_answer(from);
                                         self->notification_answers.push_back(from->reader.result());
                                         self->close(from);
                                     });
    }
    void answer_query(isns::message& answer) const {
        if (options.needs_registration && entities.empty()) {
            answer.status = isns::status::source_unknown;
            return;
        }
        answer.attributes = {isns::number(tag::iscsi_node_type, isns::target_node), isns::empty(tag::delimiter)};
        for (const auto& target : options.targets) append_target(answer.attributes, target);
    }

    asio::io_context& io;
    isns_server_options options;
    tcp::acceptor acceptor;
    std::set<std::shared_ptr<connection>> connections;
    std::vector<isns::message> requests;
    std::vector<std::string> entities;
    std::vector<isns::message> notification_answers;
    std::uint16_t scn_port = 0;  ///< of who has subscribed
    std::string subscriber;
};

isns_server::isns_server(asio::io_context& io, isns_server_options options)
    : listener_(std::make_shared<listener>(io, std::move(options))) {
    listener_->accept_next();
}

isns_server::~isns_server() {
    listener_->stop();
}

std::uint16_t isns_server::port() const {
    return listener_->acceptor.local_endpoint().port();
}

const std::vector<isns::message>& isns_server::requests() const {
    return listener_->requests;
}

void isns_server::change(std::vector<isns::known_target> targets) {
    listener_->options.targets = std::move(targets);
    listener_->notify();
}

const std::vector<isns::message>& isns_server::notification_answers() const {
    return listener_->notification_answers;
}

const std::vector<std::string>& isns_server::entities() const {
    return listener_->entities;
}

}  // namespace persiscsi::target
