// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/device_server.hpp"
#include "tests/target/fault_play.hpp"
#include "tests/target/login_phase.hpp"
#include "tests/target/scripted_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace persiscsi::target {

class connection;

/// One session; without a connection while it waits for its reinstatement.
struct session_record {
    session_info info;
    device_server* devices = nullptr;
    pending_attentions attentions;
    std::shared_ptr<connection> on;
    std::unique_ptr<boost::asio::steady_timer> retention;
    std::uint32_t retain_seconds = 0;
    std::uint16_t cid = 0;
};

/// What lies behind a scripted_target: listener, sessions, script. Everything but construction happens under `mutex`,
/// which each handler and each call from outside takes first.
class target_server : public std::enable_shared_from_this<target_server> {
  public:
    target_server(boost::asio::io_context& io, server_options options);
    ~target_server();
    target_server(const target_server&) = delete;
    target_server& operator=(const target_server&) = delete;

    void listen();
    void stop();
    void drop_all_connections();
    void set_script(fault_script script);
    void close_listener(std::chrono::milliseconds time);
    [[nodiscard]] std::vector<session_info> sessions() const;

    /// The login of `from` is complete: a new session, or an old one reinstated (RFC 7143 §6.3.5). Null with a status:
    /// refused.
    [[nodiscard]] session_record* establish(const std::shared_ptr<connection>& from,
                                            const login_phase& login,
                                            const pdu::login_request& request,
                                            pdu::login_status& refused);
    /// The connection is gone; `logged_out`: its session too, else that is kept for Time2Retain.
    void connection_closed(const std::shared_ptr<connection>& which, bool logged_out);
    void reset_units(const device_server& devices, pdu::lun_id lun, bool all_units);
    void violation(const std::string& initiator, const std::string& what);
    void log(const std::string& line) const;

    [[nodiscard]] std::vector<std::byte> send_targets(const std::string& name,
                                                      const boost::asio::ip::tcp::endpoint& local) const;
    [[nodiscard]] device_server* devices_of(const target_options& target);

    std::mutex mutex;
    boost::asio::io_context& io;
    const server_options options;
    target_counters counters;
    std::vector<std::string> violations;
    fault_play play;
    bool frozen = false;
    std::uint16_t port = 0;
    std::list<session_record> records;  ///< connections point into it
    std::set<std::shared_ptr<connection>> connections;

  private:
    void open_acceptor();
    void accept_next();
    void remove(std::list<session_record>::iterator which);
    void retain(session_record& record);
    [[nodiscard]] std::uint16_t unused_tsih();

    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer reopening_;
    std::list<device_server> devices_;
    std::uint16_t last_tsih_ = 0;
    bool stopped_ = false;
};

}  // namespace persiscsi::target
