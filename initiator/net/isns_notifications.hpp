// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/errors.hpp"
#include "initiator/isns/message_reader.hpp"
#include "initiator/session.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace persiscsi {

/// The port where an iSNS server's state change notifications arrive (RFC 4171). Each is answered; one that
/// makes sense is told. Whoever connects is heard, for all it brings about is a question to the server; the oldest of
/// too many connections is closed.
class isns_notifications : public std::enable_shared_from_this<isns_notifications> {
    struct only_open {};

  public:
    /// Listens at that address when it returns; null with `wrong` set where it cannot.
    [[nodiscard]] static std::shared_ptr<isns_notifications> open(boost::asio::any_io_executor executor,
                                                                  const std::string& address,
                                                                  std::string initiator_name,
                                                                  std::function<void()> changed,
                                                                  failure& wrong);
    isns_notifications(only_open,
                       boost::asio::any_io_executor executor,
                       std::string initiator_name,
                       std::function<void()> changed);

    [[nodiscard]] std::uint16_t port() const;
    /// Nothing is told any more.
    void close();

  private:
    using tcp = boost::asio::ip::tcp;
    struct connection {
        explicit connection(tcp::socket from) : socket(std::move(from)) {}

        tcp::socket socket;
        isns::message_reader reader;
        std::vector<std::byte> output;
    };

    void accept_next();
    void read(const std::shared_ptr<connection>& from);
    void answer(const std::shared_ptr<connection>& from);
    void drop(const std::shared_ptr<connection>& which);

    tcp::acceptor acceptor_;
    std::string initiator_name_;
    std::function<void()> changed_;
    std::list<std::shared_ptr<connection>> connections_;  ///< oldest first
};

}  // namespace persiscsi
