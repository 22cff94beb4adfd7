// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics.hpp"

namespace persiscsi::daemon {
namespace {

// A label's value: backslash, quote and line feed are escaped.
std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

void metrics_text::begin(std::string_view name, metric_kind kind, std::string_view help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ +
             (kind == metric_kind::counter ? " counter\n" : " gauge\n");
}

void metrics_text::add(const labels& with, std::uint64_t value) {
    text_ += name_;
    char before = '{';
    for (const auto& [label, content] : with) {
        ((text_ += before) += label) += "=\"" + escaped(content) + '"';
        before = ',';
    }
    text_ += (with.empty() ? " " : "} ") + std::to_string(value) + '\n';
}

}  // namespace persiscsi::daemon
