// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <algorithm>

namespace persiscsi::cli {

offered_values offered_for(std::string_view value) {
    offered_values offered;
    if (value.find('|') == value.npos && value != "FILE" && value != "DIR") return offered;
    while (!value.empty()) {
        const auto word = value.substr(0, value.find('|'));
        value.remove_prefix(std::min(word.size() + 1, value.size()));
        if (word == "FILE") offered.files = true;
        if (word == "DIR") offered.directories = true;
        if (!word.empty() && word.front() >= 'a' && word.front() <= 'z') offered.words.emplace_back(word);
    }
    return offered;
}

}  // namespace persiscsi::cli
