// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/control_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cerrno>
#include <exception>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

namespace persiscsi::control {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using local = asio::local::stream_protocol;
using stream_type = beast::basic_stream<local>;

struct control_client::connection {
    std::filesystem::path path;
    asio::io_context io{1};
    std::optional<stream_type> stream;
    beast::flat_buffer received;

    raw_response exchange(http::request<http::string_body> request, std::chrono::milliseconds deadline);

  private:
    asio::awaitable<raw_response> run_exchange(http::request<http::string_body>& request,
                                               std::chrono::steady_clock::time_point until);
    void connect(std::chrono::steady_clock::time_point until);
    bool closed_by_peer();
    [[noreturn]] void refuse(const boost::system::system_error& reason, std::string_view request);
    bool connected_ = false;  // in the exchange under way
};

namespace {

// A non-blocking connect to a Unix socket whose queue is full fails at once and cannot be waited for; a blocking one
// waits for its turn, as long as SO_SNDTIMEO says.
void connect_blocking(int socket, const local::endpoint& to, std::chrono::steady_clock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw boost::system::system_error(make_error_code(beast::error::timeout));
    const ::timeval limit{left.count() / 1000000, left.count() % 1000000};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket, to.data(), static_cast<::socklen_t>(to.size())) == 0) return;
    if (errno == EAGAIN) throw boost::system::system_error(make_error_code(beast::error::timeout));
    throw boost::system::system_error(boost::system::error_code(errno, boost::system::system_category()));
}

}  // namespace

std::string_view to_string(control_failure kind) {
    switch (kind) {
        case control_failure::unreachable:
            return "unreachable";
        case control_failure::permission:
            return "permission";
        case control_failure::timeout:
            return "timeout";
        case control_failure::protocol:
            return "protocol";
    }
    return "unknown";
}

// An idle connection has nothing to read; readable means that the daemon closed it, or broke the protocol.
bool control_client::connection::closed_by_peer() {
    boost::system::error_code code;
    auto& socket = stream->socket();
    socket.non_blocking(true, code);
    std::byte probe{};
    socket.receive(asio::buffer(&probe, 1), local::socket::message_peek, code);
    return code != asio::error::would_block;
}

void control_client::connection::connect(std::chrono::steady_clock::time_point until) {
    if (path.native().size() >= sizeof(::sockaddr_un::sun_path))
        throw boost::system::system_error(boost::system::error_code(ENAMETOOLONG, boost::system::system_category()));
    stream.emplace(io.get_executor());
    received.clear();
    auto& socket = stream->socket();
    socket.open();
    connect_blocking(socket.native_handle(), local::endpoint(path.native()), until);
}

asio::awaitable<raw_response> control_client::connection::run_exchange(http::request<http::string_body>& request,
                                                                       std::chrono::steady_clock::time_point until) {
    connected_ = false;
    if (!stream || closed_by_peer()) connect(until);
    connected_ = true;
    stream->expires_at(until);
    co_await http::async_write(*stream, request, asio::use_awaitable);
    http::response_parser<http::vector_body<std::byte>> parser;
    parser.body_limit(max_answer);
    co_await http::async_read(*stream, received, parser, asio::use_awaitable);
    auto answer = parser.release();
    if (!answer.keep_alive())
        stream.reset();
    else
        stream->expires_never();
    co_return raw_response{
        answer.result_int(), std::string(answer[http::field::content_type]), std::move(answer.body())};
}

void control_client::connection::refuse(const boost::system::system_error& reason, std::string_view request) {
    const auto& code = reason.code();
    const std::string what = std::string(request) + " at " + path.native() + ": ";
    if (code == beast::error::timeout)
        throw control_error(control_failure::timeout, what + "no answer before the deadline");
    if (!connected_ &&
        (code == boost::system::errc::permission_denied || code == boost::system::errc::operation_not_permitted))
        throw control_error(control_failure::permission, what + "no permission to open the socket");
    if (!connected_)
        throw control_error(control_failure::unreachable, what + "no daemon there (" + code.message() + ")");
    if (code == http::error::end_of_stream || code == asio::error::connection_reset || code == asio::error::broken_pipe)
        throw control_error(control_failure::protocol, what + "the daemon closed the connection without an answer");
    throw control_error(control_failure::protocol, what + code.message());
}

raw_response control_client::connection::exchange(http::request<http::string_body> request,
                                                  std::chrono::milliseconds deadline) {
    const std::string name = std::string(request.method_string()) + " " + std::string(request.target());
    request.set(http::field::host, "persiscsid");
    request.set("Persiscsi-Api", "1");
    request.set("Persiscsi-Deadline-Ms", std::to_string(deadline.count()));
    request.prepare_payload();
    const auto until = std::chrono::steady_clock::now() + deadline + grace;
    std::exception_ptr failed;
    raw_response answer;
    io.restart();
    asio::co_spawn(io, run_exchange(request, until), [&](std::exception_ptr error, raw_response result) {
        failed = error;
        answer = std::move(result);
    });
    io.run();
    try {
        if (failed) std::rethrow_exception(failed);
    } catch (const boost::system::system_error& error) {
        stream.reset();
        refuse(error, name);
    }
    return answer;
}

control_client::control_client(std::filesystem::path socket) : connection_(std::make_unique<connection>()) {
    connection_->path = std::move(socket);
}
control_client::~control_client() = default;
control_client::control_client(control_client&&) noexcept = default;
control_client& control_client::operator=(control_client&&) noexcept = default;

namespace {

http::request<http::string_body> start_request(std::string_view method, std::string_view target) {
    http::request<http::string_body> request;
    request.version(11);
    request.method_string(beast::string_view(method.data(), method.size()));
    request.target(beast::string_view(target.data(), target.size()));
    return request;
}

json::value parse_body(const raw_response& raw, std::string_view what) {
    if (raw.body.empty()) return nullptr;
    boost::system::error_code code;
    const std::string text(reinterpret_cast<const char*>(raw.body.data()), raw.body.size());
    auto value = json::parse(text, code);
    if (code)
        throw control_error(control_failure::protocol,
                            std::string(what) + ": the answer (HTTP " + std::to_string(raw.status) + ") is not JSON");
    return value;
}

}  // namespace

response control_client::call(std::string_view method,
                              std::string_view target,
                              const json::value& body,
                              std::chrono::milliseconds deadline) {
    auto request = start_request(method, target);
    if (!body.is_null()) {
        request.set(http::field::content_type, "application/json");
        request.body() = json::serialize(body);
    }
    const auto raw = connection_->exchange(std::move(request), deadline);
    return {raw.status, parse_body(raw, std::string(method) + " " + std::string(target))};
}

raw_response control_client::call_raw(std::string_view method,
                                      std::string_view target,
                                      std::optional<std::span<const std::byte>> body,
                                      std::chrono::milliseconds deadline) {
    auto request = start_request(method, target);
    if (body) {
        request.set(http::field::content_type, "application/octet-stream");
        request.body().assign(reinterpret_cast<const char*>(body->data()), body->size());
    }
    return connection_->exchange(std::move(request), deadline);
}

api_error error_of(const response& answer) {
    api_error error{"unknown", "the daemon answered HTTP " + std::to_string(answer.status) + " without a reason", 1};
    const auto* object = answer.body.if_object();
    const auto* inner = object != nullptr ? object->if_contains("error") : nullptr;
    const auto* fields = inner != nullptr ? inner->if_object() : nullptr;
    if (fields == nullptr) return error;
    if (const auto* code = fields->if_contains("code"); code != nullptr && code->is_string())
        error.code = std::string(code->get_string());
    if (const auto* message = fields->if_contains("message"); message != nullptr && message->is_string())
        error.message = std::string(message->get_string());
    if (const auto* exit = fields->if_contains("exit"); exit != nullptr && exit->is_int64())
        if (exit->get_int64() > 0 && exit->get_int64() < 128) error.exit = static_cast<int>(exit->get_int64());
    return error;
}

api_error error_of(const raw_response& answer) {
    boost::system::error_code code;
    const std::string text(reinterpret_cast<const char*>(answer.body.data()), answer.body.size());
    auto body = json::parse(text, code);
    return error_of(response{answer.status, code ? json::value() : std::move(body)});
}

}  // namespace persiscsi::control
