// SPDX-License-Identifier: Apache-2.0
#include "initiator/isns/objects.hpp"

#include "pdu/endian.hpp"
#include "pdu/text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace persiscsi::isns {
namespace {

/// RFC 7143 §4.2.7.1.
constexpr std::size_t longest_name = 223;
/// RFC 4171: set where the port is one of UDP.
constexpr std::uint32_t is_udp = 0x10000;

struct malformed {
    std::string why;
};

std::string read_name(const attribute& from) {
    const auto end = std::find(from.value.begin(), from.value.end(), std::byte{0});
    const auto size = static_cast<std::size_t>(end - from.value.begin());
    if (end == from.value.end()) throw malformed{"a name without NUL at its end"};
    if (size == 0 || size > longest_name) throw malformed{"a name of " + std::to_string(size) + " bytes"};
    if (!std::all_of(end, from.value.end(), [](std::byte b) { return b == std::byte{0}; }))
        throw malformed{"a name with bytes after its end"};
    std::string name(size, '\0');
    std::transform(from.value.begin(), end, name.begin(), [](std::byte b) { return static_cast<char>(b); });
    return name;
}

void require_size(const attribute& from, std::size_t size) {
    if (from.value.size() != size)
        throw malformed{"attribute " + std::to_string(static_cast<std::uint32_t>(from.tag)) + " of " +
                        std::to_string(from.value.size()) + " bytes, allowed " + std::to_string(size)};
}

std::uint32_t read_number(const attribute& from) {
    require_size(from, 4);
    return static_cast<std::uint32_t>(pdu::load_be<4>(from.value.data()));
}

ip_address read_address(const attribute& from) {
    require_size(from, 16);
    ip_address read{};
    std::copy(from.value.begin(), from.value.end(), read.begin());
    return read;
}

/// A Portal Group object as far as it has been read.
struct portal_group {
    std::string target;
    std::optional<ip_address> address;
    std::optional<std::uint32_t> port;
    std::optional<std::uint32_t> tag;
};

class target_list {
  public:
    void take(const attribute& each) {
        switch (each.tag) {
            case tag::iscsi_name:
                node_ = read_name(each);
                add(node_);
                break;
            case tag::iscsi_node_type:
                if (node_.empty()) throw malformed{"a node type before any name"};
                if ((read_number(each) & target_node) == 0) others_.insert(node_);
                break;
            case tag::pg_iscsi_name:
                end_group();
                group_.emplace().target = read_name(each);
                break;
            case tag::pg_portal_ip_address:
                group().address = read_address(each);
                break;
            case tag::pg_portal_port:
                group().port = read_number(each);
                break;
            case tag::pg_tag:
                if (!each.value.empty()) group().tag = read_number(each);
                break;
            default:  // nothing that was asked for
                break;
        }
    }

    [[nodiscard]] std::vector<known_target> finish() {
        end_group();
        std::erase_if(targets_, [&](const auto& each) { return others_.contains(each.name); });
        return std::move(targets_);
    }

  private:
    known_target& add(const std::string& name) {
        const auto [at, fresh] = places_.try_emplace(name, targets_.size());
        if (fresh) targets_.push_back({name, {}});
        return targets_[at->second];
    }
    portal_group& group() {
        if (!group_) throw malformed{"a portal group that does not begin with its target"};
        return *group_;
    }
    void end_group() {
        if (!group_) return;
        const auto ended = *group_;
        group_.reset();
        auto& target = add(ended.target);
        if (!ended.address || !ended.port)
            throw malformed{"a portal group of " + pdu::escaped(ended.target) + " without its portal"};
        const bool forbidden = !ended.tag;
        if (forbidden || (*ended.port & is_udp) != 0) return;
        if (*ended.port == 0 || *ended.port > 0xffff || *ended.tag > 0xffff)
            throw malformed{"portal group tag " + std::to_string(*ended.tag) + " at port " +
                            std::to_string(*ended.port)};
        target.portals.push_back(
            {*ended.address, static_cast<std::uint16_t>(*ended.port), static_cast<std::uint16_t>(*ended.tag)});
    }

    std::vector<known_target> targets_;
    std::map<std::string, std::size_t, std::less<>> places_;
    std::set<std::string, std::less<>> others_;  ///< initiators and control nodes
    std::string node_;
    std::optional<portal_group> group_;
};

}  // namespace

attribute address(tag tag, const ip_address& value) {
    return {tag, {value.begin(), value.end()}};
}

std::vector<attribute> wanted_of_targets() {
    return {empty(tag::iscsi_name),
            empty(tag::iscsi_node_type),
            empty(tag::pg_iscsi_name),
            empty(tag::pg_portal_ip_address),
            empty(tag::pg_portal_port),
            empty(tag::pg_tag)};
}

std::vector<known_target> parse_targets(const message& answer, failure& wrong) {
    const auto& all = answer.attributes;
    const auto delimiter = std::find(all.begin(), all.end(), empty(tag::delimiter));
    try {
        if (delimiter == all.end()) throw malformed{"no delimiter after the key of the query"};
        target_list list;
        std::for_each(delimiter + 1, all.end(), [&](const auto& each) { list.take(each); });
        return list.finish();
    } catch (const malformed& found) {
        wrong = {isns_errc::remote_malformed_attribute,
                 make_error_code(isns_errc::remote_malformed_attribute).message() + ": " + found.why};
        return {};
    }
}

message answer_to_notification(const message& notification, std::string_view initiator_name) {
    message answer{.function = static_cast<std::uint16_t>(notification.function | response_bit),
                   .transaction = notification.transaction,
                   .status = status::scn_event_rejected};
    const auto& all = notification.attributes;
    try {
        if (all.size() < 4 || all[0].tag != tag::iscsi_name || read_name(all[0]) != initiator_name) return answer;
        if (all[1].tag != tag::timestamp || all[2].tag != tag::iscsi_scn_bitmap || all[3].tag != tag::iscsi_name)
            return answer;
        require_size(all[1], 8);
        require_size(all[2], 4);
        static_cast<void>(read_name(all[3]));
    } catch (const malformed&) {
        return answer;
    }
    answer.status = status::success;
    answer.attributes = {all[0]};
    return answer;
}

}  // namespace persiscsi::isns
