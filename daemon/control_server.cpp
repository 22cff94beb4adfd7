// SPDX-License-Identifier: Apache-2.0
#include "daemon/control_server.hpp"

#include "daemon/http_exchange.hpp"
#include "daemon/job_run.hpp"
#include "daemon/request_rate.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

#include <list>
#include <optional>

namespace persiscsi::daemon {
namespace asio = boost::asio;
namespace beast = boost::beast;
using local = asio::local::stream_protocol;
namespace {

constexpr std::chrono::milliseconds pause_without_descriptors{100};

// One connection. `refused` is what its first request is answered with before it is closed.
struct client {
    explicit client(local::socket socket) : stream(std::move(socket)) {}

    beast::basic_stream<local> stream;
    beast::flat_buffer received;
    peer who{};
    access may = access::none;
    std::optional<api_failure> refused;
    bool idle = false;
    bool gone = false;  // hung up while its request was under way
};

}  // namespace

struct control_server::listener : std::enable_shared_from_this<listener> {
    listener(asio::any_io_executor on, int fd, service& parts, peer_rules who, server_limits most)
        : executor(std::move(on)),
          acceptor(executor, local(), fd),
          in(parts),
          rules(who),
          limits(most),
          rate(most.requests_a_second, most.burst),
          gone(executor, deadline::max()) {}

    asio::any_io_executor executor;
    local::acceptor acceptor;
    service& in;
    peer_rules rules;
    server_limits limits;
    request_rate rate;
    std::list<std::shared_ptr<client>> clients;  // the one idle longest first
    asio::steady_timer gone;                     // cancelled whenever a client leaves
    bool stopping = false;

    awaitable<void> accept_for_ever();
    void admit(local::socket socket);
    void make_room(client& newcomer);
    awaitable<void> serve(std::shared_ptr<client> one);
    awaitable<bool> serve_request(std::shared_ptr<client> served);
    void watch_hang_up(const std::shared_ptr<client>& one);
    awaitable<void> read_body(client& one, request_parser& parser, understood& what);
    api_reply job_reply(understood what);
    awaitable<bool> reply(client& one, api_reply answer, bool keep_alive);
    void now_idle(client& one);
};

// Moves it behind all others: whoever has waited longest is at the front.
void control_server::listener::now_idle(client& one) {
    one.idle = true;
    const auto place = std::ranges::find(clients, &one, &std::shared_ptr<client>::get);
    clients.splice(clients.end(), clients, place);
}

awaitable<void> control_server::listener::accept_for_ever() {
    const auto self = shared_from_this();
    while (!stopping) {
        error_code code;
        auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, code));
        if (!code) {
            admit(std::move(socket));
            continue;
        }
        if (stopping || code == asio::error::operation_aborted) break;
        spdlog::error("accept=failed reason=\"{}\"", code.message());
        asio::steady_timer pause(executor, pause_without_descriptors);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, code));
    }
}

void control_server::listener::admit(local::socket socket) {
    const auto one = std::make_shared<client>(std::move(socket));
    try {
        one->who = peer_of(one->stream.socket().native_handle());
        one->may = rules.access_of(one->who);
        if (one->may == access::none) {
            one->refused = api_failure(api_errc::forbidden,
                                       "call the control API: not allowed for uid " + std::to_string(one->who.uid));
            spdlog::warn("client=refused uid={} gid={} pid={}", one->who.uid, one->who.gid, one->who.pid);
        }
    } catch (const std::system_error& error) {
        spdlog::error("client=refused reason=\"{}\"", error.what());
        return;
    }
    if (clients.size() >= limits.clients) make_room(*one);
    clients.push_back(one);
    asio::co_spawn(executor, serve(one), asio::detached);
}

void control_server::listener::make_room(client& newcomer) {
    const auto found = std::ranges::find_if(clients, [](const auto& one) { return one->idle; });
    if (found == clients.end()) {
        newcomer.refused = api_failure(
            api_errc::too_many_clients,
            "call the control API: all of " + std::to_string(limits.clients) + " clients are being served; try again");
        return;
    }
    (*found)->idle = false;  // chosen once only: it leaves the list a little later
    (*found)->stream.cancel();
}

awaitable<void> control_server::listener::serve(std::shared_ptr<client> one) {
    const auto self = shared_from_this();
    try {
        // Not in the loop's condition: GCC 12 awaits the right side of && also when the left is false.
        for (bool more = true; more && !stopping;) more = co_await serve_request(one);
    } catch (const std::exception& error) {
        spdlog::debug("client=lost reason=\"{}\"", error.what());
    }
    clients.remove(one);
    gone.cancel();
}

awaitable<bool> control_server::listener::serve_request(std::shared_ptr<client> served) {
    auto& one = *served;
    request_parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header));
    parser.body_limit(longest_body);
    now_idle(one);
    one.stream.expires_after(limits.idle);
    error_code code;
    co_await http::async_read_header(one.stream, one.received, parser, asio::redirect_error(asio::use_awaitable, code));
    one.idle = false;
    if (code == http::error::body_limit)
        co_return co_await reply(
            one, failed_reply({api_errc::too_large, "read the request: the body is too long"}), false);
    if (code.category() == http::make_error_code(http::error::bad_version).category() &&
        code != http::error::end_of_stream && code != http::error::partial_message)
        co_return co_await reply(
            one, failed_reply({api_errc::bad_request, "read the request: not HTTP (" + code.message() + ")"}), false);
    if (code) co_return false;
    if (one.refused) co_return co_await reply(one, failed_reply(*one.refused), false);

    std::optional<api_failure> failed;
    understood what;
    bool whole = parser.is_done();
    bool as_job = false;
    try {
        rate.count(one.who.uid, std::chrono::steady_clock::now());
        what = understand(parser, limits);
        what.request.who = one.who;
        what.request.may = one.may;
        co_await read_body(one, parser, what);
        whole = true;
        take_body(what, parser.get().body());
        as_job = wants_job(what);
    } catch (const boost::system::system_error& error) {
        if (error.code() != http::error::body_limit) throw;
        failed.emplace(api_errc::too_large, "read the request: the body is longer than this request takes");
    } catch (const api_failure& failure) {
        failed = failure;
    }
    const bool keep_alive = whole && parser.get().keep_alive() && !stopping;
    if (failed) co_return co_await reply(one, failed_reply(*failed), keep_alive);
    if (as_job) co_return co_await reply(one, job_reply(std::move(what)), keep_alive);
    what.request.client_gone = &one.gone;
    watch_hang_up(served);
    auto done = co_await answer(in, what);
    error_code ignored;
    one.stream.socket().cancel(ignored);
    co_return co_await reply(one, std::move(done), keep_alive && !stopping);
}

// Tells a request that waits for something when nobody waits for its answer any more. Ended by a cancel().
void control_server::listener::watch_hang_up(const std::shared_ptr<client>& one) {
    one->stream.socket().async_wait(local::socket::wait_read, [this, self = shared_from_this(), one](error_code code) {
        if (code) return;
        std::byte next{};
        one->stream.socket().non_blocking(true, code);
        if (one->stream.socket().receive(asio::buffer(&next, 1), local::socket::message_peek, code) > 0) return;
        if (code == asio::error::would_block) return;
        one->gone = true;
        in.sessions.wake();
    });
}

awaitable<void> control_server::listener::read_body(client& one, request_parser& parser, understood& what) {
    one.stream.expires_after(limits.transfer);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::string_body> go_on(http::status::continue_, 11);
        co_await http::async_write(one.stream, go_on, asio::use_awaitable);
    }
    parser.body_limit(body_limit(*what.way));
    co_await http::async_read(one.stream, one.received, parser, asio::use_awaitable);
}

api_reply control_server::listener::job_reply(understood what) {
    try {
        return begin_job(in, executor, std::move(what));
    } catch (const api_failure& failure) {
        return failed_reply(failure);
    }
}

awaitable<bool> control_server::listener::reply(client& one, api_reply answer, bool keep_alive) {
    auto message = message_of(std::move(answer), keep_alive);
    one.stream.expires_after(limits.transfer);
    co_await http::async_write(one.stream, message, asio::use_awaitable);
    co_return keep_alive;
}

control_server::control_server(
    asio::any_io_executor executor, int listening, service& in, peer_rules rules, server_limits limits)
    : listener_(std::make_shared<listener>(std::move(executor), listening, in, std::move(rules), limits)) {}
control_server::~control_server() = default;

void control_server::start() {
    asio::co_spawn(listener_->executor, listener_->accept_for_ever(), asio::detached);
}

void control_server::stop() {
    listener_->stopping = true;
    error_code ignored;
    listener_->acceptor.close(ignored);
    for (const auto& one : listener_->clients)
        if (one->idle) one->stream.cancel();
}

asio::awaitable<bool> control_server::drained(deadline until) {
    while (!listener_->clients.empty() && std::chrono::steady_clock::now() < until) {
        listener_->gone.expires_at(until);
        error_code code;
        co_await listener_->gone.async_wait(asio::redirect_error(asio::use_awaitable, code));
    }
    co_return listener_->clients.empty();
}

std::size_t control_server::clients() const {
    return listener_->clients.size();
}

}  // namespace persiscsi::daemon
