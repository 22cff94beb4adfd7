// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace persiscsi::persistence::testing {

// What becomes of writes, truncations, creations and removals nobody had synced when the power went.
enum class unsynced { lost, kept, random_sectors };

enum class fault {
    power_cut,  // from the chosen operation on nothing works any more, reading included
    no_writes,  // from the chosen operation on nothing is written, until repair()
};

// A SQLite VFS over the system's. It passes everything through to real files and remembers per file what a disk would
// hold for certain: the content at the last sync. A new file's name is certain with its first sync (SQLite syncs the
// directory then), its removal only when SQLite asks for the directory to be synced. One thread; one object at a time
// per name.
class power_cut_vfs {
  public:
    explicit power_cut_vfs(std::string name);
    power_cut_vfs(const power_cut_vfs&) = delete;
    power_cut_vfs& operator=(const power_cut_vfs&) = delete;
    ~power_cut_vfs();

    // Strikes at the n-th changing operation from now (1: the next): create, write, truncate, sync, remove.
    void arm(std::size_t operation, fault kind);
    bool struck() const { return struck_; }
    void repair();
    // Power is back: makes the real files what the disk had kept. No connection may be open.
    void settle(unsynced survivors, unsigned seed);

    struct pending_change {
        std::optional<std::size_t> truncate_to;  // else a write
        std::size_t offset{};
        std::string bytes;
    };
    struct disk_file {
        std::optional<std::string> durable;  // nullopt: after a cut the name may not be there
        std::vector<pending_change> pending;
        bool removed = false;  // but the directory not synced
    };

    // For the C callbacks.
    bool strikes();  // counts one changing operation
    bool dark() const { return struck_ && kind_ == fault::power_cut; }
    disk_file& file(const std::string& path);
    void forget(const std::string& path);
    sqlite3_vfs& real() { return *real_; }

  private:
    std::string name_;
    sqlite3_vfs* real_;
    sqlite3_vfs shim_{};
    std::map<std::string, disk_file> files_;
    std::size_t countdown_ = 0;
    fault kind_ = fault::power_cut;
    bool struck_ = false;
};

}  // namespace persiscsi::persistence::testing
