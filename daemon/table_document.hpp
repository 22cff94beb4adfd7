// SPDX-License-Identifier: Apache-2.0
// The durable table as one JSON document: a backup. Secrets are in it as they are sealed.
#pragma once

#include "persistence/records.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace persiscsi::daemon {

/// Bytes of an import request: some 20,000 registrations.
inline constexpr std::size_t max_table_body = std::size_t{32} << 20;
inline constexpr std::size_t max_table_items = 100000;  // of one kind

struct table_copy {
    std::vector<persistence::sealed_copy> secrets;
    std::vector<persistence::discovery_portal> portals;
    std::vector<persistence::registration> registrations;
};
[[nodiscard]] boost::json::object document_json(const table_copy& copy);

/// One item of a document. An item that makes no sense costs itself, not the others.
template <class Value>
struct document_item {
    std::string id{};  // as the document calls it, short enough to be sent back
    Value value{};
    std::string fault{};  // why it is not to be used; empty: it is
};

struct stored_registration {
    persistence::login_record login;
    std::optional<persistence::timestamp> created_at;
};

/// {"document": {…}, "atomic", "dry_run", "replace"}
struct import_request {
    std::vector<document_item<persistence::sealed_copy>> secrets;
    std::vector<document_item<persistence::login_record>> portals;
    std::vector<document_item<stored_registration>> registrations;
    bool atomic = false;
    bool dry_run = false;
    bool replace = false;  // what is there and differs
};
/// bad_request where it is no document of ours, or one of a later version.
[[nodiscard]] import_request parse_import(const boost::json::value& body);

}  // namespace persiscsi::daemon
