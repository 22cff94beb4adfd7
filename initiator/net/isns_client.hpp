// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/isns/discovery_dialogue.hpp"
#include "initiator/isns/message_reader.hpp"
#include "initiator/isns_discovery.hpp"
#include "initiator/net/isns_notifications.hpp"
#include "initiator/net/transport.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace persiscsi {

/// Carries an isns::discovery_dialogue out: one connection, one timer, one answer to its handler. Lives as long as
/// something of its own is outstanding at the executor.
class isns_client final : public transport_observer, public std::enable_shared_from_this<isns_client> {
  public:
    isns_client(boost::asio::any_io_executor executor,
                isns_options options,
                diagnostics& story,
                isns_news news,
                discovery_handler handler);

    void start();

  private:
    void on_transport_up(transport& which) override;
    void on_transport_lost(transport& which, failure why) override;
    void on_transport_readable(transport& which) override;
    void on_transport_writable(transport& which) override;

    void cancel();
    void arm();
    void on_message(const isns::message& message);
    void on_change();
    void take(isns::discovery_dialogue::step step);
    void read();
    void write();
    /// Only the first call counts.
    void finish(failure failed, const std::vector<isns::known_target>& targets = {});

    boost::asio::any_io_executor executor_;
    isns_options options_;
    diagnostics* story_;
    isns_news news_;  ///< none: a discovery, not a watch
    discovery_handler handler_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<transport> transport_;
    std::shared_ptr<isns_notifications> notifications_;
    std::optional<isns::discovery_dialogue> dialogue_;
    isns::message_reader reader_;
    std::vector<std::byte> output_;
    std::size_t sent_ = 0;
    bool finished_ = false;
};

}  // namespace persiscsi
