// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics.hpp"

#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

TEST(metrics_text, has_a_head_for_each_metric_and_a_line_for_each_sample) {
    metrics_text text;
    text.begin("a_total", metric_kind::counter, "how often");
    text.add({{"x", "1"}, {"y", "2"}}, 18446744073709551615U);
    text.add({}, 0);
    text.begin("b", metric_kind::gauge, "how much");
    EXPECT_EQ(text.take(),
              "# HELP a_total how often\n# TYPE a_total counter\na_total{x=\"1\",y=\"2\"} 18446744073709551615\n"
              "a_total 0\n# HELP b how much\n# TYPE b gauge\n");
}

TEST(metrics_text, of_foreign_labels_stays_one_line) {
    metrics_text text;
    text.begin("a", metric_kind::gauge, "h");
    text.add({{"x", "q\"\\\n}"}}, 1);
    EXPECT_EQ(text.take(), "# HELP a h\n# TYPE a gauge\na{x=\"q\\\"\\\\\\n}\"} 1\n");
}

}  // namespace
}  // namespace persiscsi::daemon
