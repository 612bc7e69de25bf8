#include "tests/unit/app/program.h"

#include "tests/catch.h"
#include "tests/unit/engine/io/io_test.h"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

// The program as a person or a script runs it: exit codes, one sentence, nothing half written.
using nlohmann::json;
using program_test::Result;
using program_test::Run;

namespace {

const std::string kText =
    "The wind rose in the night and the ship ran before it. At dawn the wind fell.\n\n"
    "The engine was cold. The mate lit the fire, and the engine ran again before noon.\n";

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
}

// One line on standard error that says all of `parts`.
void check_sentence(const Result& result, int code, const std::vector<std::string>& parts) {
    INFO("said: " << result.error);
    CHECK(result.code == code);
    CHECK(result.error.starts_with("splatscope: "));
    CHECK(std::count(result.error.begin(), result.error.end(), '\n') == 1);
    for (const std::string& part : parts) {
        INFO("should say: " << part);
        CHECK(result.error.find(part) != std::string::npos);
    }
}

Result headless(std::vector<std::string> words, const std::string& folder) {
    words.emplace_back("--headless");
    Run run{std::move(words), {}};
    run.folder = folder;
    return program_test::run(run);
}

// Two levels and three splats in three dimensions; each fault changes one thing.
json splats() {
    const auto splat = [](int id, const char* level, const json& parent, double x) {
        return json{{"id", id},
                    {"level", level},
                    {"parent", parent},
                    {"centre", {x, 0.2, 0.3}},
                    {"covariance", {{"kind", "spherical"}, {"variance", 0.5}}}};
    };
    return {
        {"format", "splatscope-splats"},
        {"version", 1},
        {"dimension", 3},
        {"levels", {{{"name", "Token"}, {"weight", 0.6}}, {{"name", "Phrase"}, {"weight", 0.4}}}},
        {"splats",
         {splat(0, "Token", 7, 0.1), splat(3, "Token", 7, 0.9), splat(7, "Phrase", nullptr, 0.5)}}};
}

std::string vectors() {
    std::string rows;
    for (int i = 0; i < 40; ++i)
        rows += fmt::format("{},{},{}\n", 0.01 * (i * 37 % 101), 0.02 * (i * 53 % 97), 0.03 * i);
    return rows;
}

}  // namespace

TEST_CASE("bad words on the command line end with 2", "[program]") {
    const auto said = [](std::vector<std::string> words, const std::vector<std::string>& parts) {
        check_sentence(program_test::run(std::move(words)), 2, parts);
    };
    said({"--no-such-option"}, {"--no-such-option", "--help"});
    said({"--log", "loud"}, {"loud"});
    said({"--set", "theme"}, {"NAME=VALUE"});
    said({"sample:creatures", "-c", "nonsense"}, {"nonsense"});
    said({"sample:creatures", "-c", "set no.such.setting 1"}, {"no.such.setting"});
    said({"sample:creatures", "-c", "open 'unclosed"}, {"quote"});
    said({"-o", "a.png"}, {"--export"});
    said({}, {"display"});
}

TEST_CASE("files that cannot be used are named in one sentence", "[program][faults]") {
    const io_test::Folder folder;
    const auto said = [&](const std::string& path, const std::vector<std::string>& parts) {
        const Result result = headless({path}, folder.at(""));
        check_sentence(result, 1, parts);
        CHECK(result.out.empty());
    };
    write(folder.at("empty.txt"), "");
    write(folder.at("spaces.txt"), "   \n\t \n   ");
    write(folder.at("binary.txt"), "\x7f" + std::string("ELF") + std::string(200, '\0'));
    write(folder.at("latin.txt"), "caf\xe9 and cr\xe8me, a dozen words of a caf\xe9\n");
    write(folder.at("uneven.csv"), "1,2,3\n4,5\n6,7,8\n");
    write(folder.at("words.csv"), "1,2,3\n4,five,6\n7,8,9\n");
    write(folder.at("cut.npy"), "\x93NUMPY\1" + std::string(1, '\0') + "v");
    said("missing.txt", {"missing.txt", "no such file"});
    said("no/such/folder.txt", {"folder"});
    said(".", {"folder"});
    said("empty.txt", {"empty"});
    said("spaces.txt", {"spaces.txt"});
    said("binary.txt", {"binary.txt"});
    said("latin.txt", {"3", "latin1"});
    said("uneven.csv", {"uneven.csv"});
    said("words.csv", {"words.csv", "five"});
    said("cut.npy", {"cut.npy"});
    const Result latin =
        headless({"-c", "open latin.txt as latin1", "-c", "print dataset"}, folder.at(""));
    INFO(latin.error);
    CHECK(latin.code == 0);
    CHECK(folder.entries() == 7);
}

TEST_CASE("words and vectors that do not count up are refused with both counts",
          "[program][faults]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"), vectors());
    write(folder.at("text.txt"), kText);
    const Result result = headless({"rows.csv", "text.txt"}, folder.at(""));
    check_sentence(result, 1, {"40", "alone"});
    const Result told = headless({"rows.csv", "-c", "explain.match text.txt"}, folder.at(""));
    REQUIRE(told.code == 0);
    const json match = json::parse(told.out);
    CHECK(match["open"] == 40);
    CHECK(match["agree"] == false);
    CHECK(match["tokens"].get<int>() > 10);
}

TEST_CASE("each fault of a splat file is told with the splat", "[program][faults]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"), vectors());
    const auto open = [&](const json& file) {
        write(folder.at("bad.json"), file.dump());
        return headless({"rows.csv", "-c", "splats.open bad.json", "-c", "print measures"},
                        folder.at(""));
    };
    const Result good = open(splats());
    INFO(good.error);
    CHECK(good.code == 0);
    const auto said = [&](const char* pointer, const json& value,
                          const std::vector<std::string>& parts) {
        json file = splats();
        file[json::json_pointer(pointer)] = value;
        INFO(pointer);
        check_sentence(open(file), 1, parts);
    };
    said("/splats/1/centre", {0.1, 0.2}, {"3"});
    said("/splats/1/covariance/variance", -0.5, {"3"});
    said("/splats/1/covariance/variance", 0.0, {"3"});
    said("/splats/1/level", "Verse", {"3", "Verse"});
    said("/splats/1/parent", 99, {"3", "99"});
    said("/splats/1/parent", 0, {"3"});
    said("/splats/2/parent", 7, {"7"});
    said("/splats/1/id", 0, {"0"});
    said("/splats/1/centre", {0.1, nullptr, 0.3}, {"3"});
    said("/splats/1/amplitude", -1.0, {"3"});
    said("/levels/1/weight", -0.4, {"Phrase"});
    said("/splats/1/covariance", {{"kind", "round"}}, {"3", "round"});
    said("/dimension", 5, {"5"});
}

TEST_CASE("what cannot be written is refused and leaves nothing", "[program][faults]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"), vectors());
    write(folder.at("there.json"), "kept");
    const std::size_t before = folder.entries();
    const auto save = [&](const std::string& line) {
        return headless({"rows.csv", "-c", line}, folder.at(""));
    };
    check_sentence(save("measures.save there.json"), 1, {"there.json", "exists", "overwrite"});
    CHECK(read(folder.at("there.json")) == "kept");
    check_sentence(save("measures.save no/folder/m.json"), 1, {"folder"});
    check_sentence(save("measures.save /proc/splatscope.json"), 1, {"/proc/splatscope.json"});
    check_sentence(save("measures.save /dev/full"), 1, {"room"});
    CHECK(folder.entries() == before);

    Run full{{"rows.csv", "--headless", "-c", "attention.save a.npy"}, {}};
    full.folder = folder.at("");
    full.largest_file = 1000;
    check_sentence(program_test::run(full), 1, {"a.npy", "room"});
    CHECK(folder.entries() == before);

    CHECK(save("measures.save there.json overwrite").code == 0);
    CHECK(read(folder.at("there.json")) != "kept");
    if (::geteuid() != 0) {
        std::filesystem::permissions(folder.at(""), std::filesystem::perms(0555));
        check_sentence(save("measures.save new.json"), 1, {"permission"});
        std::filesystem::permissions(folder.at(""), std::filesystem::perms(0755));
    }
}

TEST_CASE("exit codes of expect, of no renderer and of pictures", "[program]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"), vectors());
    check_sentence(headless({"rows.csv", "-c", "expect dataset.tokens == 41"}, folder.at("")), 4,
                   {"dataset.tokens", "40"});
    CHECK(headless({"rows.csv", "-c", "expect dataset.tokens == 40"}, folder.at("")).code == 0);

    Run blind{{"rows.csv", "--export", "map", "-o", "map.png", "--size", "320x200"}, {}};
    blind.folder = folder.at("");
    blind.environment = {{"__EGL_VENDOR_LIBRARY_FILENAMES", "/no/such/driver.json"},
                         {"EGL_PLATFORM", "none"}};
    check_sentence(program_test::run(blind), 3, {"picture"});
    CHECK(folder.entries() == 1);

    Run seeing = blind;
    seeing.environment.clear();
    const Result drawn = program_test::run(seeing);
    INFO(drawn.error);
    REQUIRE(drawn.code == 0);
    check_sentence(program_test::run(seeing), 1, {"map.png", "exists"});
    seeing.words.emplace_back("--force");
    CHECK(program_test::run(seeing).code == 0);
}

TEST_CASE("of two pictures the one that cannot be written leaves the first whole", "[program]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"), vectors());
    const auto both = [&](const std::string& second) {
        return headless({"rows.csv", "--quiet", "--export", "map", "-o", "first.png", "--size",
                         "320x200", "--export", "tree", "-o", second, "--size", "320x200"},
                        folder.at(""));
    };
    check_sentence(both("no/folder/second.png"), 1, {"no/folder/second.png", "folder"});
    const std::string first = read(folder.at("first.png"));
    CHECK(folder.entries() == 2);  // the rows and the picture: nothing half written
    REQUIRE(first.size() > 1000);
    CHECK(first.starts_with("\x89PNG"));
    CHECK(first.find("IEND") != std::string::npos);
    // Asked for again, the first is refused before anything else is done.
    check_sentence(both("second.png"), 1, {"first.png", "exists"});
    CHECK(folder.entries() == 2);
    CHECK(read(folder.at("first.png")) == first);

    // A picture onto standard output is that picture alone.
    const Result piped = headless(
        {"rows.csv", "--quiet", "--export", "map", "-o", "-", "--size", "320x200"}, folder.at(""));
    INFO(piped.error);
    REQUIRE(piped.code == 0);
    CHECK(piped.out == first);
}

TEST_CASE("a picture opens as the session that made it, another's does not", "[program]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"), vectors());
    const Result made =
        headless({"rows.csv", "--set", "map.colours=magma", "-c", "camera.set 1 0.5 3", "-c",
                  "adapt.step 2", "--export", "map", "--size", "320x200"},
                 folder.at(""));
    INFO(made.error);
    REQUIRE(made.code == 0);
    const Result again = headless(
        {"map.png", "-c", "print map.colours", "-c", "print camera.yaw", "-c", "print history"},
        folder.at(""));
    INFO(again.error);
    REQUIRE(again.code == 0);
    CHECK(again.out.find("\"magma\"") != std::string::npos);
    CHECK(again.out.find("\"last\":2") != std::string::npos);
    // The same picture from the picture, byte for byte.
    REQUIRE(headless({"map.png", "--export", "map", "-o", "again.png", "--size", "320x200"},
                     folder.at(""))
                .code == 0);
    CHECK(read(folder.at("again.png")) == read(folder.at("map.png")));

    std::string foreign = read(folder.at("map.png"));
    for (std::size_t at = foreign.find("splatscope-session"); at != std::string::npos;
         at = foreign.find("splatscope-session"))
        foreign.replace(at, 10, "otherscope");
    write(folder.at("foreign.png"), foreign);
    check_sentence(headless({"foreign.png"}, folder.at("")), 1, {"foreign.png"});
    write(folder.at("cut.png"), read(folder.at("map.png")).substr(0, 300));
    check_sentence(headless({"cut.png"}, folder.at("")), 1, {"cut.png"});
}

TEST_CASE("Ctrl+C stops with 130 and leaves no half-written file", "[program]") {
    const io_test::Folder folder;
    Run long_run{{"sample:voyage", "--headless", "-c", "adapt.run 1000", "-c", "run.save a.run"},
                 {}};
    long_run.folder = folder.at("");
    long_run.interrupt_after = 1.0;
    const Result result = program_test::run(long_run);
    INFO(result.error);
    CHECK(result.code == 130);
    CHECK(folder.entries() == 0);
}

TEST_CASE("standard input is a file like another", "[program]") {
    Run piped{{"-", "--headless", "-c", "print dataset"}, kText};
    const Result result = program_test::run(piped);
    INFO(result.error);
    REQUIRE(result.code == 0);
    CHECK(json::parse(result.out)["tokens"].get<int>() > 20);
    Run nothing{{"-", "--headless"}, ""};
    check_sentence(program_test::run(nothing), 1, {"standard input"});
}

TEST_CASE("a profile is read when it is named, and only then", "[program][profile]") {
    const io_test::Folder folder;
    write(folder.at("settings"), "# mine\nset theme light\nset no.such.thing 1\n");
    Run run{{"--headless", "-c", "print theme"}, {}};
    run.environment = {{"SPLATSCOPE_HOME", folder.at("")}};
    CHECK(json::parse(program_test::run(run).out)["value"] == "dark");
    run.words.insert(run.words.end(), {"--profile", folder.at("")});
    const Result read_it = program_test::run(run);
    CHECK(json::parse(read_it.out)["value"] == "light");
    CHECK(read_it.error.find("line 3") != std::string::npos);
    CHECK(folder.entries() == 1);
}

TEST_CASE("the log says what it is asked to say", "[program]") {
    const auto said = [](const std::string& level) {
        return program_test::run(
                   {"sample:creatures", "--headless", "--log", level, "-c", "print theme"})
            .error;
    };
    CHECK(said("warning").empty());
    CHECK(said("info").find("info: print theme") != std::string::npos);
    CHECK(said("info").find("debug: ") == std::string::npos);
    CHECK(said("debug").find("debug: load: ") != std::string::npos);
}

TEST_CASE("with OpenGL 3.3 alone the program says so, draws, and the CPU computes",
          "[app][program]") {
    const io_test::Folder folder;
    const auto with_old_driver = [&](std::vector<std::string> words) {
        Run run{std::move(words), {}};
        run.environment = {{"MESA_GL_VERSION_OVERRIDE", "3.3"}};
        run.folder = folder.at("");
        return program_test::run(run);
    };
    const Result told = with_old_driver({"--diagnose"});
    INFO(told.out);
    CHECK(told.code == 0);
    CHECK(told.out.find("backend: cpu (") != std::string::npos);
    CHECK(told.out.find("--backend opengl: not here: OpenGL cannot compute here") !=
          std::string::npos);
    CHECK(told.out.find("compute shaders need") != std::string::npos);
    check_sentence(with_old_driver({"sample:creatures", "--headless", "--backend", "opengl"}), 1,
                   {"OpenGL cannot compute here", "4.3", "let the CPU compute"});
    const Result drawn = with_old_driver(
        {"sample:creatures", "--export", "map", "-o", "map.png", "--size", "320x200", "--quiet"});
    INFO(drawn.error);
    CHECK(drawn.code == 0);
    CHECK(std::filesystem::file_size(folder.at("map.png")) > 3000);
}
