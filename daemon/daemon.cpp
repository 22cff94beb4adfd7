// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/connect_jobs.hpp"
#include "daemon/control_server.hpp"
#include "daemon/names.hpp"
#include "daemon/registration_jobs.hpp"
#include "daemon/runtime_place.hpp"
#include "daemon/supervision.hpp"
#include "persistence/boot_id.hpp"
#include "persistence/errors.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <grp.h>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::daemon {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::seconds logout_limit{8};   // of all sessions together, at a stop
constexpr std::chrono::seconds clients_limit{2};  // for answers under way, after that

void set_up_log(const daemon_options& options) {
    auto log = spdlog::stderr_logger_mt("persiscsid");
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
    log->set_level(options.debug ? spdlog::level::trace : options.verbose ? spdlog::level::debug : spdlog::level::info);
    spdlog::set_default_logger(std::move(log));
}

std::optional<::gid_t> group_named(const std::string& name) {
    if (name.empty()) return std::nullopt;
    if (const auto* entry = ::getgrnam(name.c_str())) return entry->gr_gid;
    throw api_failure(api_errc::bad_request, "find the group " + persistence::in_quotes(name) + ": there is none");
}

// The table makes its own directory, but not what leads there.
persistence::session_table open_table(const std::filesystem::path& state_dir) {
    std::error_code error;
    if (state_dir.has_parent_path()) std::filesystem::create_directories(state_dir.parent_path(), error);
    if (error) throw persistence::system_failure(error.value(), "make the state directory", state_dir.native());
    return persistence::session_table::open({state_dir, credential("persiscsi-secrets.key"), {}});
}

std::string initiator_name_of(const daemon_options& options) {
    if (options.initiator_name.empty()) return stored_initiator_name(options.state_dir);
    if (!is_iscsi_name(options.initiator_name))
        throw api_failure(api_errc::bad_request,
                          "--initiator-name " + persistence::in_quotes(options.initiator_name) + ": not an iSCSI name");
    return options.initiator_name;
}

// The running daemon. Members are destroyed last to first: nothing outlives the loop that drives it.
class running_daemon {
  public:
    explicit running_daemon(const daemon_options& options)
        : rules_{::geteuid(), group_named(options.socket_group), group_named(options.readers_group)},
          place_(options.runtime_dir, rules_),
          opened_(open_table(options.state_dir)),
          initiator_name_(initiator_name_of(options)),
          boot_id_(persistence::read_boot_id()),
          plan_(plan_boot(opened_, boot_id_)),
          table_(std::move(opened_)),
          audit_(options.audit_log.empty() ? options.state_dir / "audit.log" : options.audit_log),
          sessions_(io_.get_executor()),
          service_{sessions_, table_, audit_, options.state_dir, boot_id_, initiator_name_, persistence::time_now()},
          server_(io_.get_executor(), place_.listen(), service_, rules_) {}

    void run();

  private:
    void start_sessions();
    asio::awaitable<void> wait_for_signal();
    asio::awaitable<void> feed_watchdog(std::chrono::microseconds every);
    asio::awaitable<void> stop(bool handover);
    asio::awaitable<void> forget_and_log_out();
    asio::awaitable<bool> end_jobs(deadline until);

    asio::io_context io_{1};
    peer_rules rules_;
    runtime_place place_;
    persistence::session_table opened_;  // moved into table_
    std::string initiator_name_;
    std::string boot_id_;
    boot_plan plan_;
    table_thread table_;
    audit_log audit_;
    supervisor sessions_;
    service service_;
    control_server server_;
    asio::signal_set signals_{io_, SIGTERM, SIGINT, SIGUSR1};
    bool drained_ = true;
};

void running_daemon::start_sessions() {
    spdlog::info("started version={} pid={} boot_id={} same_boot={} sessions={} forgotten={} initiator_name={}",
                 PERSISCSI_VERSION,
                 ::getpid(),
                 boot_id_,
                 plan_.same_boot,
                 plan_.sessions.size(),
                 plan_.forgotten,
                 initiator_name_);
    for (const auto& line : plan_.skipped) spdlog::error("not_logged_in=\"{}\"", line);
    for (auto& session : plan_.sessions) sessions_.keep_logged_in(std::move(session));
    plan_.sessions.clear();
}

asio::awaitable<void> running_daemon::wait_for_signal() {
    const int received = co_await signals_.async_wait(asio::use_awaitable);
    spdlog::info("stopping signal={}", received);
    signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        spdlog::warn("stopping=at_once reason=\"a second signal\"");
        drained_ = false;
        io_.stop();
    });
    co_await stop(received == SIGUSR1);
    signals_.cancel();
    io_.stop();
}

// From the loop that everything runs on: one that is stuck feeds nobody.
asio::awaitable<void> running_daemon::feed_watchdog(std::chrono::microseconds every) {
    asio::steady_timer next(io_);
    while (true) {
        notify_supervisor("WATCHDOG=1");
        next.expires_after(every);
        co_await next.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> running_daemon::stop(bool handover) {
    notify_supervisor("STOPPING=1");
    place_.withdraw();
    server_.stop();
    service_.jobs.cancel_all();
    if (handover)
        sessions_.let_go();
    else
        co_await forget_and_log_out();
    const auto until = std::chrono::steady_clock::now() + clients_limit;
    const bool answered = co_await server_.drained(until);
    const bool jobs_ended = co_await end_jobs(until);
    drained_ = answered && jobs_ended && sessions_.all().empty();
}

// Forgotten first: a stop that is cut short must not leave sessions which the next start would resume.
asio::awaitable<void> running_daemon::forget_and_log_out() {
    try {
        const auto forgotten = co_await table_.run(forget_all_sessions);
        spdlog::info("forgotten={}", forgotten);
    } catch (const persistence::store_error& error) {
        spdlog::error("forget=failed reason=\"{}\"", error.what());
    }
    co_await sessions_.log_out_all(std::chrono::steady_clock::now() + logout_limit);
}

// Cancelled before; whether all have ended before `until`.
asio::awaitable<bool> running_daemon::end_jobs(deadline until) {
    for (bool in_time = true; in_time && service_.jobs.running() > 0;) in_time = co_await sessions_.next_change(until);
    co_return service_.jobs.running() == 0;
}

void running_daemon::run() {
    const auto work = asio::make_work_guard(io_);
    asio::co_spawn(io_, wait_for_signal(), asio::detached);
    start_sessions();
    server_.start();
    notify_supervisor("READY=1");
    if (const auto every = watchdog_interval()) asio::co_spawn(io_, feed_watchdog(*every), asio::detached);
    io_.run();
    if (drained_) return;
    // Requests or logouts that did not end still refer to our members: leave without taking anything apart.
    spdlog::warn("stopped=with_open_work clients={}", server_.clients());
    spdlog::shutdown();
    std::_Exit(0);
}

}  // namespace

int run_daemon(const daemon_options& options) {
    try {
        ::umask(0077);
        ::signal(SIGPIPE, SIG_IGN);
        set_up_log(options);
        running_daemon(options).run();
        spdlog::info("stopped");
        return 0;
    } catch (...) {
        const auto failure = current_failure();
        const int exit = row_of(failure.code()).exit;
        std::cerr << "persiscsid: " << failure.what() << "\n";
        return exit == row_of(api_errc::not_found).exit ? row_of(api_errc::internal).exit : exit;
    }
}

}  // namespace persiscsi::daemon
