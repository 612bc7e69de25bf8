#include "engine/io/mapped_file.h"

#include "engine/core/error.h"
#include "engine/io/cut_short.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <limits>
#include <mutex>
#include <utility>

namespace hsa {
namespace {

// What the handler knows of a mapped file: it may use nothing but atomics and system calls.
struct Slot {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::uintptr_t> end{0};  // of its last page; 0: free
    std::atomic<bool> cut{false};
};

constexpr std::size_t kSlots = 64;
std::array<Slot, kSlots> slots;
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

// Guards what the handler does not read: which files there are.
std::mutex files_guard;
std::array<const MappedFile*, kSlots> files{};

std::uintptr_t page_bytes() {
    static const auto bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    return bytes;
}

std::uintptr_t number_of(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }
void* address_of(std::uintptr_t number) {
    return reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr)
}

struct sigaction before {};

// A page that the file no longer has: zeros from here to the end. Any other fault is what it was
// before.
void on_missing_page(int, siginfo_t* info, void*) {
    const std::uintptr_t at = number_of(info->si_addr);
    for (Slot& slot : slots) {
        const std::uintptr_t end = slot.end.load();
        if (at < slot.begin.load() || at >= end) continue;
        const std::uintptr_t page = at - at % page_bytes();
        slot.cut.store(true);
        if (::mmap(address_of(page), end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                   -1, 0) != MAP_FAILED)
            return;
    }
    (void)::sigaction(SIGBUS, &before, nullptr);  // and the instruction runs into it again
}

void handle_missing_pages() {
    static std::once_flag once;
    std::call_once(once, [] {
        (void)page_bytes();
        struct sigaction action {};
        action.sa_sigaction = on_missing_page;
        action.sa_flags = SA_SIGINFO;
        (void)::sigemptyset(&action.sa_mask);
        (void)::sigaction(SIGBUS, &action, &before);
    });
}

std::string_view map(const std::string& path) {
    struct stat status {};
    // Asked before it is opened: a pipe that is opened and closed again loses its writer.
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (number < 0) return {};
    void* data = MAP_FAILED;
    if (::fstat(number, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
        data = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE,
                      number, 0);
    (void)::close(number);
    if (data == MAP_FAILED) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(status.st_size)};
}

void unmap(std::string_view bytes) {
    (void)::munmap(const_cast<char*>(bytes.data()), bytes.size());
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path) {
    const std::string_view bytes = map(path);
    if (bytes.empty()) return nullptr;
    handle_missing_pages();
    const std::lock_guard lock(files_guard);
    const auto place = std::find(files.begin(), files.end(), nullptr);
    if (place == files.end()) {
        unmap(bytes);
        return nullptr;
    }
    const auto slot = static_cast<std::size_t>(place - files.begin());
    std::shared_ptr<const MappedFile> file(new MappedFile(path, bytes, slot));
    *place = file.get();
    const std::uintptr_t begin = number_of(bytes.data());
    slots[slot].cut.store(false);
    slots[slot].begin.store(begin);
    slots[slot].end.store(begin + (bytes.size() + page_bytes() - 1) / page_bytes() * page_bytes());
    return file;
}

MappedFile::~MappedFile() {
    const std::lock_guard lock(files_guard);
    slots[slot_].end.store(0);
    slots[slot_].begin.store(0);
    files[slot_] = nullptr;
    unmap(bytes_);
}

bool MappedFile::was_cut() const { return slots[slot_].cut.load(); }

void MappedFile::forget(std::string_view piece) const {
    const std::uintptr_t page = page_bytes();
    const std::uintptr_t begin = (number_of(piece.data()) + page - 1) / page * page;
    const std::uintptr_t end = (number_of(piece.data()) + piece.size()) / page * page;
    if (end > begin && !was_cut()) (void)::madvise(address_of(begin), end - begin, MADV_DONTNEED);
}

std::string cut_short(const std::shared_ptr<const void>& owner) {
    const std::lock_guard lock(files_guard);
    for (const MappedFile* file : files)
        if (file != nullptr && file == owner.get() && file->was_cut())
            return fmt::format(
                "{}: the file became shorter while its rows were in use; open it again when "
                "nothing writes to it",
                file->path());
    return {};
}

void finish_reading(const std::shared_ptr<const void>& owner) {
    if (const std::string sentence = cut_short(owner); !sentence.empty()) fail("{}", sentence);
    const std::lock_guard lock(files_guard);
    for (const MappedFile* file : files)
        if (file != nullptr && file == owner.get()) file->forget(file->bytes());
}

}  // namespace hsa
