// SPDX-License-Identifier: Apache-2.0
// From an HTTP request to a call of its handler and back. Beast's types stay out of the handlers.
#pragma once

#include "daemon/api_failure.hpp"
#include "daemon/control_server.hpp"
#include "daemon/routes.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/vector_body.hpp>

#include <cstddef>

namespace persiscsi::daemon {

namespace http = boost::beast::http;
using request_parser = http::request_parser<http::vector_body<std::byte>>;

/// A request whose header has been understood; its body is still to come.
struct understood {
    const route* way = nullptr;
    api_request request;
};
/// Finds the route and judges the header: api_failure where there is none, for another version of the API, or when the
/// body is announced to be longer than the route takes.
[[nodiscard]] understood understand(const request_parser& parser, const server_limits& limits);

/// Moves the body into the request as the route takes it. The bytes are wiped where they came from: they may have held
/// a secret.
void take_body(understood& what, std::vector<std::byte>& body);

/// Runs the handler; whatever it throws becomes an answer.
boost::asio::awaitable<api_reply> answer(service& in, understood& what);

[[nodiscard]] api_reply failed_reply(const api_failure& failure);
[[nodiscard]] http::response<http::vector_body<std::byte>> message_of(api_reply reply, bool keep_alive);

}  // namespace persiscsi::daemon
