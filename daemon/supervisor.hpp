// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/cancellation.hpp"
#include "daemon/connect_jobs.hpp"
#include "daemon/time_limit.hpp"
#include "initiator/discovery.hpp"
#include "initiator/session.hpp"
#include "persistence/records.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace persiscsi::daemon {

using deadline = std::chrono::steady_clock::time_point;

/// A session the daemon keeps, with the login it was asked for.
struct kept_session {
    persistence::session_id id;
    persistence::login_record login;
    persistence::timestamp created_at{};
    bool resumed = false;  // it was live before this process, in the same boot
    std::string broken;    // why it cannot log in at all, e.g. its secret is lost; then `wire` is null
    std::shared_ptr<session> wire;

    [[nodiscard]] session_state state() const;
    /// One line, safe to print; empty when nothing went wrong.
    [[nodiscard]] std::string last_error() const;
    /// Never in Full Feature Phase in this boot: nobody has used it yet.
    [[nodiscard]] bool never_up() const { return !resumed && (!wire || wire->logins() == 0); }
};
using kept = std::shared_ptr<kept_session>;

/// Owns the live sessions. One thread: the one of its executor. A caller that works with a session keeps a `kept` of
/// it, so that it outlives its removal here.
class supervisor {
  public:
    explicit supervisor(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    supervisor(const supervisor&) = delete;
    supervisor& operator=(const supervisor&) = delete;

    /// Starts a session which is logged in for ever, with backoff (boot reconnect).
    void keep_logged_in(planned_session planned);

    /// Logs in once, before `until`; the session is not among those kept yet. Throws api_failure: `cancelled` where
    /// `cancel` (it may be null) was asked for.
    boost::asio::awaitable<kept> log_in(persistence::session_id id,
                                        persistence::login_record login,
                                        const login_secrets& secrets,
                                        deadline until,
                                        cancellation* cancel);
    /// SendTargets=All in a discovery session of its own, before `until`. Throws api_failure, as log_in().
    boost::asio::awaitable<std::vector<discovered_target>> discover(persistence::login_record login,
                                                                    const login_secrets& secrets,
                                                                    deadline until,
                                                                    cancellation* cancel);
    /// Starts a session anew with other secrets, unless it has been up: then its I/O waits for the old login.
    void renew(const kept& session, const login_secrets& secrets);
    /// From now on it is one of ours.
    void adopt(kept session);

    /// Takes it out and logs it out; what the target did not confirm comes back as one line.
    boost::asio::awaitable<std::string> log_out(kept session);
    /// Logs all out at once, and ends logins under way; waits for it until then. No login starts afterwards.
    boost::asio::awaitable<void> log_out_all(deadline until);
    /// Closes all connections without a logout (handover). No login starts afterwards.
    void let_go();
    /// Takes out a session that never was up: closed without a logout, unless it has just come up.
    void drop(persistence::session_id id);

    [[nodiscard]] kept find(persistence::session_id id) const;
    [[nodiscard]] const std::map<persistence::session_id, kept>& all() const { return kept_; }
    [[nodiscard]] std::set<persistence::session_id> never_up() const;
    [[nodiscard]] bool stopping() const { return stopping_; }

    /// Returns after the next change of any session's state, or wake(): false when `until` passed first.
    boost::asio::awaitable<bool> next_change(deadline until);
    void wake() { changed(); }

    /// A connect request under way: others may neither connect to the same place nor take its registrations.
    struct claim {
        persistence::login_record place;
        std::set<persistence::registration_id> registrations;
    };
    using claim_ticket = std::shared_ptr<claim>;
    /// Released when the last ticket goes.
    [[nodiscard]] claim_ticket make_claim(const persistence::login_record& place);
    [[nodiscard]] bool is_claimed(const persistence::login_record& place) const;
    [[nodiscard]] bool is_claimed(persistence::registration_id registration) const;

  private:
    kept build(persistence::session_id id, persistence::login_record login, const login_secrets& secrets);
    void wire_up(kept_session& session, const login_secrets& secrets);
    void watch(kept_session& session);
    void changed();
    void end_logins();

    boost::asio::any_io_executor executor_;
    std::map<persistence::session_id, kept> kept_;
    std::list<time_limit*> logins_;                  // under way
    std::list<boost::asio::steady_timer*> waiting_;  // in next_change()
    std::vector<std::weak_ptr<claim>> claims_;
    bool stopping_ = false;
};

}  // namespace persiscsi::daemon
