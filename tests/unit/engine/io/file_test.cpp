#include "engine/io/file.h"

#include "tests/unit/engine/io/io_test.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <thread>

using hsa::Existing;
using hsa::read_file;
using hsa::write_file;
using io_test::check_fails;
using io_test::Folder;

namespace {

// The superuser may write anywhere, so that tests of permissions step down to nobody.
class Unprivileged {
  public:
    Unprivileged() : root_(::geteuid() == 0) {
        if (root_ && ::seteuid(65534) != 0) FAIL("cannot step down from root");
    }
    ~Unprivileged() {
        if (root_ && ::seteuid(0) != 0) std::abort();
    }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;

  private:
    bool root_;
};

// Files beyond `bytes` fail to grow, as on a full disk.
class SmallDisk {
  public:
    explicit SmallDisk(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &old_);
        rlimit small = old_;
        small.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk() {
        ::setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, old_handler_);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

  private:
    void (*old_handler_)(int);
    rlimit old_{};
};

}  // namespace

TEST_CASE("a file is read whole, whatever its bytes", "[io][file]") {
    const Folder folder;
    std::string bytes;
    for (int i = 0; i < 3'000'000; ++i) bytes += static_cast<char>(i * 7);
    io_test::put_file(folder.at("a"), bytes);
    CHECK(read_file(folder.at("a")) == bytes);
}

TEST_CASE("what cannot be read is named", "[io][file]") {
    const Folder folder;
    check_fails([&] { (void)read_file(folder.at("lost.txt")); },
                {"lost.txt", "no such file", "spelling"});
    check_fails([&] { (void)read_file(folder.at("lost/a.txt")); },
                {"lost/a.txt", "folder", "does not exist"});
    check_fails([&] { (void)read_file(folder.at("")); }, {"folder", "name a file"});
    check_fails([&] { (void)read_file("/dev/zero"); }, {"/dev/zero", "device"});
    check_fails([&] { (void)read_file(""); }, {"file name is missing"});
    io_test::put_file(folder.at("empty.txt"), "");
    check_fails([&] { (void)read_file(folder.at("empty.txt")); }, {"empty.txt", "is empty"});
}

TEST_CASE("a file without permission is refused", "[io][file]") {
    const Folder folder;
    io_test::put_file(folder.at("secret.txt"), "words");
    std::filesystem::permissions(folder.at("secret.txt"), std::filesystem::perms::none);
    const Unprivileged nobody;
    check_fails([&] { (void)read_file(folder.at("secret.txt")); }, {"secret.txt", "permission"});
}

TEST_CASE("a file that shrinks while it is read is refused and kills nothing", "[io][file]") {
    const Folder folder;
    const std::string path = folder.at("log.txt");
    io_test::put_file(path, std::string(1000, 'a'));
    const int descriptor = ::open(path.c_str(), O_RDONLY);
    REQUIRE(::truncate(path.c_str(), 10) == 0);
    check_fails([&] { (void)hsa::read_descriptor(descriptor, path, 1000); },
                {"log.txt", "shrank from 1000 to 10 bytes", "again"});
    ::close(descriptor);
}

TEST_CASE("a file that grows while it is read is taken as it is then", "[io][file]") {
    const Folder folder;
    io_test::put_file(folder.at("a"), std::string(1000, 'a'));
    const int descriptor = ::open(folder.at("a").c_str(), O_RDONLY);
    CHECK(hsa::read_descriptor(descriptor, "a", 10).size() == 1000);
    ::close(descriptor);
}

TEST_CASE("a pipe is read to its end", "[io][file]") {
    const Folder folder;
    const std::string path = folder.at("pipe");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    std::thread writer([&] { io_test::put_file(path, std::string(200'000, 'x')); });
    CHECK(read_file(path) == std::string(200'000, 'x'));
    writer.join();
}

TEST_CASE("writing leaves the whole file and nothing else", "[io][file]") {
    const Folder folder;
    write_file(folder.at("a.bin"), std::string("a\0b", 3), Existing::refuse);
    CHECK(io_test::get_file(folder.at("a.bin")) == std::string("a\0b", 3));
    CHECK(folder.entries() == 1);
}

TEST_CASE("an existing file is kept unless it may be replaced", "[io][file]") {
    const Folder folder;
    io_test::put_file(folder.at("a"), "old");
    check_fails([&] { write_file(folder.at("a"), "new", Existing::refuse); },
                {"exists already", "overwrite", "--force"});
    check_fails([&] { hsa::check_writable(folder.at("a"), Existing::refuse); }, {"exists already"});
    CHECK(io_test::get_file(folder.at("a")) == "old");
    write_file(folder.at("a"), "new", Existing::replace);
    CHECK(io_test::get_file(folder.at("a")) == "new");
    CHECK(folder.entries() == 1);
}

TEST_CASE("replacing through a link keeps the link and the permissions", "[io][file]") {
    const Folder folder;
    io_test::put_file(folder.at("real"), "old");
    std::filesystem::permissions(folder.at("real"), std::filesystem::perms(0640));
    std::filesystem::create_symlink("real", folder.at("link"));
    write_file(folder.at("link"), "new", Existing::replace);
    CHECK(std::filesystem::is_symlink(folder.at("link")));
    CHECK(io_test::get_file(folder.at("real")) == "new");
    CHECK(std::filesystem::status(folder.at("real")).permissions() == std::filesystem::perms(0640));
}

TEST_CASE("places that cannot be written are named and stay as they were", "[io][file]") {
    const Folder folder;
    check_fails([&] { write_file(folder.at("lost/a"), "x", Existing::refuse); },
                {"lost/a", "folder", "does not exist"});
    check_fails([&] { write_file(folder.at(""), "x", Existing::replace); },
                {"folder", "file name"});
    check_fails([&] { write_file("", "x", Existing::replace); }, {"file name is missing"});
    std::filesystem::permissions(folder.at(""), std::filesystem::perms(0555));
    {
        const Unprivileged nobody;
        check_fails([&] { write_file(folder.at("a"), "x", Existing::refuse); },
                    {"permission", "another folder"});
        check_fails([&] { hsa::check_writable(folder.at("a"), Existing::refuse); }, {"permission"});
    }
    CHECK(folder.entries() == 0);
}

TEST_CASE("a full disk leaves no partial file and the old one whole", "[io][file]") {
    const Folder folder;
    io_test::put_file(folder.at("old"), "old");
    {
        const SmallDisk disk(4096);
        check_fails(
            [&] { write_file(folder.at("new"), std::string(10'000, 'x'), Existing::refuse); },
            {"new", "no room for 10000 bytes"});
        check_fails(
            [&] { write_file(folder.at("old"), std::string(10'000, 'x'), Existing::replace); },
            {"old", "no room"});
    }
    CHECK(io_test::get_file(folder.at("old")) == "old");
    CHECK(folder.entries() == 1);
    check_fails([] { write_file("/dev/full", "x", Existing::refuse); }, {"/dev/full", "no room"});
}

TEST_CASE("the beginning of a file is read without the rest", "[io][file]") {
    const Folder folder;
    const std::string path = folder.at("huge.txt");
    std::ofstream(path) << "first words";
    CHECK(hsa::read_beginning(path, 5) == "first");
    CHECK(hsa::read_beginning(path, 100) == "first words");
    // A file with a hole: larger than any memory, and none of it on the disk.
    std::error_code fault;
    std::filesystem::resize_file(path, std::uintmax_t{1} << 42U, fault);
    if (!fault) {
        CHECK(hsa::read_beginning(path, 11) == "first words");
        check_fails([&] { (void)hsa::read_file(path); }, {path, "memory"});
    }
    check_fails([&] { (void)hsa::read_beginning(folder.at("none.txt"), 5); }, {"no such file"});
    check_fails([&] { (void)hsa::read_beginning(folder.at(""), 5); }, {"folder"});
    std::ofstream(folder.at("empty.txt")).close();
    check_fails([&] { (void)hsa::read_beginning(folder.at("empty.txt"), 5); }, {"empty"});
}

TEST_CASE("a file that is written again has another stamp", "[io][file]") {
    const Folder folder;
    const std::string path = folder.at("a.txt");
    CHECK(hsa::stamp_of(path) == path);
    std::ofstream(path) << "one";
    const std::string first = hsa::stamp_of(path);
    CHECK(first == hsa::stamp_of(path));
    std::ofstream(path) << "three";
    CHECK(first != hsa::stamp_of(path));
}
