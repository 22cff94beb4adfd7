// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/task_table.hpp"

#include <gtest/gtest.h>

#include <set>

namespace persiscsi {
namespace {

TEST(task_table, finds_a_task_by_its_tag_until_it_is_erased) {
    task_table tasks;
    auto* one = tasks.insert(task_kind::scsi, nullptr);
    const auto tag = one->tag;
    EXPECT_EQ(tasks.find(tag), one);
    tasks.erase(*one);
    EXPECT_EQ(tasks.find(tag), nullptr);
    EXPECT_EQ(tasks.size(), 0U);
}

TEST(task_table, does_not_take_a_new_task_for_an_old_one) {
    task_table tasks;
    std::set<pdu::task_tag> tags;
    for (int i = 0; i < 1000; ++i) {
        auto* one = tasks.insert(task_kind::scsi, nullptr);
        EXPECT_TRUE(tags.insert(one->tag).second);
        tasks.erase(*one);
    }
    for (const auto tag : tags) EXPECT_EQ(tasks.find(tag), nullptr);
}

TEST(task_table, never_gives_the_reserved_tag_and_ends_at_its_bound) {
    task_table tasks;
    for (std::size_t i = 0; i < task_table::max_tasks; ++i) {
        ASSERT_NE(tasks.insert(task_kind::scsi, nullptr)->tag, pdu::task_tag::reserved);
    }
    EXPECT_EQ(tasks.insert(task_kind::scsi, nullptr), nullptr);
    EXPECT_EQ(tasks.find(pdu::task_tag::reserved), nullptr);
}

TEST(task_table, gives_waiting_tasks_in_order_and_skips_those_that_left) {
    task_table tasks;
    std::vector<task*> all;
    for (int i = 0; i < 4; ++i) all.push_back(tasks.insert(task_kind::scsi, nullptr));
    tasks.queue(*all[1]);
    tasks.queue(*all[2]);
    tasks.queue_first({all[3], all[0]});
    tasks.erase(*all[1]);
    for (auto* expected : {all[3], all[0], all[2]}) {
        ASSERT_EQ(tasks.first_waiting(), expected);
        tasks.dequeue();
    }
    EXPECT_EQ(tasks.first_waiting(), nullptr);
}

}  // namespace
}  // namespace persiscsi
