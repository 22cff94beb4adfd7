// SPDX-License-Identifier: Apache-2.0
// Prometheus' text format, version 0.0.4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persiscsi::daemon {

enum class metric_kind { gauge, counter };

/// Lines of metrics. All samples of one metric follow its head: begin() once, then add() for each.
class metrics_text {
  public:
    using labels = std::vector<std::pair<std::string_view, std::string>>;

    void begin(std::string_view name, metric_kind kind, std::string_view help);
    /// A sample of the metric that was begun last.
    void add(const labels& with, std::uint64_t value);
    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string text_;
    std::string name_;
};

}  // namespace persiscsi::daemon
