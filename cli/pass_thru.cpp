// SPDX-License-Identifier: Apache-2.0
#include "cli/pass_thru.hpp"

#include "cli/printable.hpp"
#include "cli/session_block.hpp"
#include "cli/text_table.hpp"

#include <boost/json/object.hpp>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

std::string block(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return "none\n";
    return object->contains("session_identifier") ? session_block(*object) : name_value_lines(*object);
}

}  // namespace

std::string before_and_after(const json::array& results) {
    std::string text;
    for (const auto& value : results) {
        const auto& item = value.as_object();
        const auto id = printable(cell_of(item, "id"));
        for (const auto* when : {"before", "after"})
            if (const auto* object = item.if_contains(std::string("object_") + when))
                text += "\n" + id + " " + when + ":\n" + block(*object);
    }
    return text;
}

}  // namespace persiscsi::cli
