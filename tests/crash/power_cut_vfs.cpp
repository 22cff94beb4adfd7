// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/power_cut_vfs.hpp"

#include "tests/unit/persistence/state_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <new>
#include <utility>

namespace persiscsi::persistence::testing {
namespace {

constexpr std::size_t sector = 512;

// SQLite allocates this and the real file's bytes behind it.
struct shim_file {
    sqlite3_file base;
    power_cut_vfs* owner;
    std::string* path;  // nullptr: a temporary file without a name, which no power cut concerns
};

shim_file& shim(sqlite3_file* file) {
    return *reinterpret_cast<shim_file*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(&shim(file) + 1);
}
power_cut_vfs& owner(sqlite3_vfs* vfs) {
    return *static_cast<power_cut_vfs*>(vfs->pAppData);
}

int close_file(sqlite3_file* file) {
    delete shim(file).path;
    return real(file)->pMethods->xClose(real(file));
}

int read_file(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
    if (shim(file).owner->dark()) return SQLITE_IOERR_READ;
    return real(file)->pMethods->xRead(real(file), bytes, size, offset);
}

int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    auto& self = shim(file);
    if (self.path != nullptr) {
        const bool was_dark = self.owner->dark();
        const bool strikes = self.owner->strikes();
        if (strikes && (was_dark || !self.owner->dark())) return SQLITE_FULL;
        self.owner->file(*self.path)
            .pending.push_back({std::nullopt,
                                static_cast<std::size_t>(offset),
                                {static_cast<const char*>(bytes), static_cast<std::size_t>(size)}});
        if (strikes) return SQLITE_IOERR_WRITE;
    }
    return real(file)->pMethods->xWrite(real(file), bytes, size, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    auto& self = shim(file);
    if (self.path != nullptr) {
        if (self.owner->strikes()) return SQLITE_IOERR_TRUNCATE;
        self.owner->file(*self.path).pending.push_back({static_cast<std::size_t>(size), 0, {}});
    }
    return real(file)->pMethods->xTruncate(real(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
    auto& self = shim(file);
    if (self.path == nullptr) return SQLITE_OK;
    if (self.owner->strikes()) return SQLITE_IOERR_FSYNC;
    const int code = real(file)->pMethods->xSync(real(file), flags);
    if (code == SQLITE_OK) {
        auto& disk = self.owner->file(*self.path);
        disk = {content_of(*self.path), {}, false};
    }
    return code;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
int check_reserved(sqlite3_file* file, int* answer) {
    return real(file)->pMethods->xCheckReservedLock(real(file), answer);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

const sqlite3_io_methods file_methods{
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_through(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto& self = shim(file);
    self.base.pMethods = nullptr;
    auto& cut = owner(vfs);
    const bool fresh = name != nullptr && !std::filesystem::exists(name);
    if (cut.dark() || (fresh && (flags & SQLITE_OPEN_CREATE) != 0 && cut.strikes())) return SQLITE_CANTOPEN;
    const int code = cut.real().xOpen(&cut.real(), name, real(file), flags, out_flags);
    if (code != SQLITE_OK) return code;
    self.owner = &cut;
    self.path = name == nullptr ? nullptr : new std::string(name);
    if (name != nullptr) {
        auto& disk = cut.file(name);
        if (fresh) disk = {std::move(disk.durable), {}, false};
        if (!fresh && !disk.durable && disk.pending.empty()) disk.durable = content_of(name);
    }
    self.base.pMethods = &file_methods;
    return SQLITE_OK;
}

int remove_through(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    auto& cut = owner(vfs);
    const bool was_dark = cut.dark();
    const bool strikes = cut.strikes();
    if (!strikes || (cut.dark() && !was_dark)) cut.file(name).removed = true;
    if (strikes) return SQLITE_IOERR_DELETE;
    const int code = cut.real().xDelete(&cut.real(), name, sync_directory);
    if (code == SQLITE_OK && sync_directory != 0) cut.forget(name);
    return code;
}

int access_through(sqlite3_vfs* vfs, const char* name, int flags, int* answer) {
    if (owner(vfs).dark()) return SQLITE_IOERR_ACCESS;
    return owner(vfs).real().xAccess(&owner(vfs).real(), name, flags, answer);
}

int full_pathname(sqlite3_vfs* vfs, const char* name, int size, char* out) {
    return owner(vfs).real().xFullPathname(&owner(vfs).real(), name, size, out);
}
int randomness(sqlite3_vfs* vfs, int size, char* out) {
    return owner(vfs).real().xRandomness(&owner(vfs).real(), size, out);
}
int sleep_for(sqlite3_vfs* vfs, int microseconds) {
    return owner(vfs).real().xSleep(&owner(vfs).real(), microseconds);
}
int current_time(sqlite3_vfs* vfs, double* now) {
    return owner(vfs).real().xCurrentTime(&owner(vfs).real(), now);
}
int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

// The content a crashed disk shows, given what was certain and what was on its way.
std::string survived(const power_cut_vfs::disk_file& disk, unsynced survivors, std::mt19937& random) {
    auto content = disk.durable.value_or(std::string());
    const auto survives = [&] {
        return survivors == unsynced::kept || (survivors != unsynced::lost && random() % 2 == 0);
    };
    for (const auto& change : disk.pending) {
        if (change.truncate_to) {
            if (survives()) content.resize(*change.truncate_to);
            continue;
        }
        for (std::size_t done = 0; done < change.bytes.size();) {
            const auto start = change.offset + done;
            const auto size = std::min(sector - start % sector, change.bytes.size() - done);
            if (survives()) {
                content.resize(std::max(content.size(), start + size));
                content.replace(start, size, change.bytes, done, size);
            }
            done += size;
        }
    }
    return content;
}

}  // namespace

power_cut_vfs::power_cut_vfs(std::string name) : name_(std::move(name)), real_(sqlite3_vfs_find(nullptr)) {
    shim_ = *real_;
    shim_.iVersion = 1;
    shim_.szOsFile = static_cast<int>(sizeof(shim_file)) + real_->szOsFile;
    shim_.pNext = nullptr;
    shim_.zName = name_.c_str();
    shim_.pAppData = this;
    shim_.xOpen = open_through;
    shim_.xDelete = remove_through;
    shim_.xAccess = access_through;
    shim_.xFullPathname = full_pathname;
    shim_.xRandomness = randomness;
    shim_.xSleep = sleep_for;
    shim_.xCurrentTime = current_time;
    shim_.xGetLastError = last_error;
    sqlite3_vfs_register(&shim_, 0);
}

power_cut_vfs::~power_cut_vfs() {
    sqlite3_vfs_unregister(&shim_);
}

void power_cut_vfs::arm(std::size_t operation, fault kind) {
    countdown_ = operation;
    kind_ = kind;
    struck_ = false;
}

void power_cut_vfs::repair() {
    countdown_ = 0;
    struck_ = false;
}

bool power_cut_vfs::strikes() {
    if (!struck_ && countdown_ != 0 && --countdown_ == 0) struck_ = true;
    return struck_;
}

power_cut_vfs::disk_file& power_cut_vfs::file(const std::string& path) {
    return files_[path];
}
void power_cut_vfs::forget(const std::string& path) {
    files_.erase(path);
}

void power_cut_vfs::settle(unsynced survivors, unsigned seed) {
    std::mt19937 random(seed);
    const auto happened = [&] {
        return survivors == unsynced::kept || (survivors != unsynced::lost && random() % 2 == 0);
    };
    for (const auto& [path, disk] : files_) {
        const bool there = disk.durable.has_value() || happened();
        const bool gone = disk.removed && happened();
        if (there && !gone) {
            write_content(path, survived(disk, survivors, random));
        } else {
            std::filesystem::remove(path);
        }
    }
    files_.clear();
    repair();
}

}  // namespace persiscsi::persistence::testing
