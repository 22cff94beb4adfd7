// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "persistence/records.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace persiscsi::persistence {

// Why the table would not keep this; empty: it would.
std::string login_fault(const login_record& login);
std::string portal_fault(const login_record& discovery);
std::string place_fault(const target_place& place);
std::string name_fault(std::string_view name);  // of a secret or a CHAP name

// Pairs as one text of netstrings ("2:ab,1:c,"); nullopt: the text is not that.
std::string pack_pairs(const key_values& pairs);
std::optional<key_values> unpack_pairs(std::string_view text);

}  // namespace persiscsi::persistence
