// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/isns/objects.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persiscsi::isns {

/// Asks an iSNS server for the targets that share a discovery domain with us (RFC 4171): DevAttrQry. A server
/// that does not know us, or has nothing for us, gets our registration (DevAttrReg) and is asked again; then the
/// registration is taken back (DevDereg). One that was there before is left alone.
///
/// Watching, it registers with the port where state change notifications are to arrive, subscribes to them (SCNReg),
/// and asks again after each until leave().
class discovery_dialogue {
  public:
    struct done {
        failure failed;
        std::vector<known_target> targets;
    };
    struct news {  ///< watching: what there is now; nothing is to be done until changed() or leave()
        std::vector<known_target> targets;
    };
    using step = std::variant<message, news, done>;  ///< to be sent, to be told, or the end

    /// `from` and `port` are our end of the connection: the portal that is registered. `scn_port`: where notifications
    /// are to arrive, by TCP; none: nothing is watched.
    discovery_dialogue(std::string initiator_name,
                       const ip_address& from,
                       std::uint16_t port,
                       std::optional<std::uint16_t> scn_port = std::nullopt);

    [[nodiscard]] step start();
    [[nodiscard]] step on_message(const message& answer);
    /// A notification has come. Nothing to be sent now: a query is under way, and another follows it.
    [[nodiscard]] std::optional<step> changed();
    /// Ends the watch. Nothing to be sent now: an answer is waited for, and the end follows it.
    [[nodiscard]] std::optional<step> leave();

  private:
    enum class stage { asking, registering, subscribing, asking_again, watching, leaving };

    [[nodiscard]] step send(stage next, function function, std::vector<attribute> attributes);
    [[nodiscard]] step ask(stage next);
    [[nodiscard]] step enter();
    [[nodiscard]] step subscribe();
    [[nodiscard]] step deregister();
    [[nodiscard]] step fail(std::string_view what, status status);
    [[nodiscard]] step on_query_answer(const message& answer);

    std::string initiator_name_;
    ip_address from_;
    std::uint16_t port_;
    std::optional<std::uint16_t> scn_port_;
    bool changed_ = false;  ///< since the query that is under way
    bool leave_wanted_ = false;
    stage stage_ = stage::asking;
    function asked_ = function::dev_attr_qry;
    std::uint16_t transaction_ = 0;
    done result_;
};

}  // namespace persiscsi::isns
