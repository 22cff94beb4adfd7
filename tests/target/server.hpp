// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/logout_request.hpp"
#include "pdu/logout_response.hpp"
#include "tests/target/device_server.hpp"
#include "tests/target/fault_play.hpp"
#include "tests/target/login_phase.hpp"
#include "tests/target/scripted_target.hpp"
#include "tests/target/session_state.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace persiscsi::target {

class connection;

/// A connection that broke off (CLEANUP_WAIT, RFC 7143 §8.2), kept for Time2Wait and Time2Retain.
struct lost_connection {
    std::uint16_t cid = 0;
    bool released = false;     ///< logged out or reinstated since: only its tasks wait
    pdu::status_sn stat_sn{};  ///< the next one it would have sent
    std::unique_ptr<boost::asio::steady_timer> retention;
};

/// One session; without a connection while it waits for its reinstatement or continuation.
struct session_record {
    session_info info;
    std::shared_ptr<session_state> state;
    std::map<std::uint16_t, std::shared_ptr<connection>> connections;  ///< in Full Feature Phase, by CID
    std::map<std::uint64_t, lost_connection> lost;                     ///< by a number of the loss
    std::uint32_t retain_seconds = 0;

    /// In Full Feature Phase, or lost and not logged out.
    [[nodiscard]] bool has_cid(std::uint16_t cid) const;
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

    /// The login of `from` is complete: a new session, an old one reinstated, or another connection of an old one (RFC
    /// 7143 §6.3.1). Null with a status: refused.
    [[nodiscard]] session_record* establish(const std::shared_ptr<connection>& from,
                                            const login_phase& login,
                                            const pdu::login_request& request,
                                            pdu::login_status& refused);
    /// The session that a request with that TSIH means, once the login knows the names; null: none.
    [[nodiscard]] session_record* find_session(const login_phase& login, const pdu::login_request& request);
    /// `from` itself is left to the caller.
    [[nodiscard]] pdu::logout_outcome log_out(session_record& session,
                                              const connection& from,
                                              const pdu::logout_request& request);
    /// The connection is gone. Without a logout its session, and its CID, are kept for Time2Wait and Time2Retain.
    void connection_closed(const std::shared_ptr<connection>& which, std::optional<pdu::logout_reason> logout);
    void reset_units(session_record* issuing, pdu::lun_id lun, bool all_units);
    /// Closes the connection with that CID, or all of them (0), but not `from`.
    void drop_others(session_record& session, const connection& from, std::uint16_t cid, const std::string& reason);
    /// All sessions of the target of this one; of this one all connections but `from`.
    void end_sessions_of(session_record& session, const connection& from);
    [[nodiscard]] std::vector<std::shared_ptr<connection>> live_connections() const;
    void violation(const std::string& initiator, const std::string& what);
    void log(const std::string& line) const;

    [[nodiscard]] std::vector<std::byte> send_targets(const std::string& name,
                                                      const boost::asio::ip::tcp::endpoint& local,
                                                      const boost::asio::ip::tcp::endpoint& initiator) const;
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
    using records_iterator = std::list<session_record>::iterator;
    [[nodiscard]] records_iterator session_of(const login_phase& login, pdu::isid isid);
    [[nodiscard]] session_record* begin_session(const std::shared_ptr<connection>& from,
                                                const login_phase& login,
                                                const pdu::login_request& request,
                                                bool reinstated);
    [[nodiscard]] pdu::login_status join(session_record& session,
                                         const std::shared_ptr<connection>& from,
                                         const login_phase& login,
                                         const pdu::login_request& request);
    void remove(records_iterator which, const std::string& reason);
    /// Logs the connection with that CID out, and closes it. `exp_stat_sn` is its last one where that is known.
    void let_go(session_record& session,
                std::uint16_t cid,
                const std::string& reason,
                bool for_recovery,
                std::optional<pdu::status_sn> exp_stat_sn);
    void release(session_record& session, std::uint64_t loss, std::optional<pdu::status_sn> exp_stat_sn);
    [[nodiscard]] std::optional<std::uint64_t> retain(session_record& session,
                                                      std::uint16_t cid,
                                                      const connection& lost);
    void start_retention(session_record& session, std::uint64_t loss);
    void end_if_over(session_record& session);
    [[nodiscard]] std::uint16_t unused_tsih();

    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer reopening_;
    std::list<device_server> devices_;
    std::uint16_t last_tsih_ = 0;
    std::uint64_t last_loss_ = 0;
    bool stopped_ = false;
};

}  // namespace persiscsi::target
