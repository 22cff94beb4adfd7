// SPDX-License-Identifier: Apache-2.0
#include "tests/target/server.hpp"

#include "tests/target/connection.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace persiscsi::target {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t most_connections = 4096;
constexpr std::size_t most_violations = 1000;

server_options checked(server_options options) {
    for (const auto& target : options.targets) {
        const auto& limits = target.limits;
        if (target.name.empty() || target.name.size() > 223)
            throw std::invalid_argument("target name '" + target.name + "' must have 1 to 223 bytes");
        if (limits.command_window == 0 || limits.command_window > 65536)
            throw std::invalid_argument(target.name + ": the command window must be 1 to 65536");
        for (const auto bytes :
             {limits.max_recv_data_segment_length, limits.max_burst_length, limits.first_burst_length})
            if (bytes < 512 || bytes > 0xffffff)
                throw std::invalid_argument(target.name + ": segment and burst lengths must be 512 to 16777215");
        if (limits.first_burst_length > limits.max_burst_length)
            throw std::invalid_argument(target.name + ": FirstBurstLength above MaxBurstLength");
        if (limits.max_connections == 0 || limits.max_connections > 65535)
            throw std::invalid_argument(target.name + ": MaxConnections must be 1 to 65535");
        if (limits.error_recovery_level > 2)
            throw std::invalid_argument(target.name + ": ErrorRecoveryLevel must be 0 to 2");
        if (limits.max_outstanding_r2t == 0 || limits.max_outstanding_r2t > 65535)
            throw std::invalid_argument(target.name + ": MaxOutstandingR2T must be 1 to 65535");
    }
    if (!options.store) options.store = std::make_shared<ram_store>();
    return options;
}

std::string portal(const tcp::endpoint& local) {
    const auto address = local.address().to_string();
    const auto host = local.address().is_v6() ? "[" + address + "]" : address;
    return host + ":" + std::to_string(local.port());
}

}  // namespace

target_server::target_server(asio::io_context& context, server_options given)
    : io(context), options(checked(std::move(given))), play(options.script), acceptor_(context), reopening_(context) {
    for (const auto& target : options.targets) {
        for (const auto& other : devices_)
            if (other.options().name == target.name) throw std::invalid_argument("target " + target.name + " twice");
        devices_.emplace_back(target, options.portal_group_tag, *options.store);
    }
    port = options.port;
}

target_server::~target_server() = default;

void target_server::listen() {
    open_acceptor();
    accept_next();
}

void target_server::open_acceptor() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) throw std::invalid_argument("listen: '" + options.address + "' is not an IP address");
    const tcp::endpoint endpoint(address, port);
    tcp::acceptor opened(io);
    opened.open(endpoint.protocol(), error);
    if (!error) opened.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) opened.bind(endpoint, error);
    if (!error) opened.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        throw std::system_error(
            error.value(), std::system_category(), "listen on " + options.address + " port " + std::to_string(port));
    port = opened.local_endpoint().port();
    acceptor_ = std::move(opened);
}

void target_server::accept_next() {
    acceptor_.async_accept([self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
        const std::lock_guard lock(self->mutex);
        if (self->stopped_ || !self->acceptor_.is_open()) return;
        if (!error && self->connections.size() < most_connections) {
            ++self->counters.connections;
            const auto accepted = std::make_shared<connection>(self, std::move(socket));
            self->connections.insert(accepted);
            accepted->begin();
        }
        if (error != asio::error::operation_aborted) self->accept_next();
    });
}

void target_server::close_listener(std::chrono::milliseconds time) {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    reopening_.expires_after(time);
    reopening_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        const std::lock_guard lock(self->mutex);
        if (error || self->stopped_) return;
        try {
            self->open_acceptor();
            self->accept_next();
        } catch (const std::exception& failure) {
            self->log(std::string("listener not opened again: ") + failure.what());
        }
    });
}

void target_server::stop() {
    if (std::exchange(stopped_, true)) return;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    reopening_.cancel();
    drop_all_connections();
    records.clear();
}

void target_server::drop_all_connections() {
    const auto dropped = connections;
    for (const auto& each : dropped) each->close("dropped by the owner of the target");
}

void target_server::set_script(fault_script script) {
    play = fault_play(std::move(script));
    if (!std::exchange(frozen, false)) return;
    for (const auto& record : records)
        if (!record.connections.empty()) record.connections.begin()->second->tell_window();
}

std::vector<std::shared_ptr<connection>> target_server::live_connections() const {
    std::vector<std::shared_ptr<connection>> live;
    for (const auto& record : records)
        for (const auto& [cid, on] : record.connections) live.push_back(on);
    return live;
}

void target_server::violation(const std::string& initiator, const std::string& what) {
    log("violation by " + initiator + ": " + what);
    if (violations.size() < most_violations) violations.push_back(what);
}

void target_server::log(const std::string& line) const {
    if (options.log) options.log(line);
}

std::vector<std::byte> target_server::send_targets(const std::string& name,
                                                   const tcp::endpoint& local,
                                                   const tcp::endpoint& initiator) const {
    const auto at = options.advertised ? options.advertised(initiator.port()) : portal(local);
    pdu::text_keys keys;
    for (const auto& target : options.targets) {
        if (!name.empty() && name != target.name) continue;
        keys.push_back({"TargetName", target.name});
        keys.push_back({"TargetAddress", at + "," + std::to_string(options.portal_group_tag)});
    }
    return pdu::encode_text(keys);
}

}  // namespace persiscsi::target
