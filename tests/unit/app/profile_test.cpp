#include "app/profile.h"

#include "app/autosave.h"
#include "app/commands/settings_file.h"
#include "app/lost_session.h"
#include "app/runner.h"
#include "app/session_file.h"
#include "app/setting_values.h"
#include "app/settings.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/engine/io/io_test.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// The number of a process that lives no more.
pid_t dead_process() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    return child;
}

// Gives an environment variable a value for a while.
class Environment {
  public:
    Environment(const char* name, const char* value) : name_(name) {
        if (const char* old = std::getenv(name)) old_ = old;
        if (value != nullptr) ::setenv(name, value, 1);
        else ::unsetenv(name);
    }
    ~Environment() {
        if (old_.empty()) ::unsetenv(name_);
        else ::setenv(name_, old_.c_str(), 1);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

  private:
    const char* name_;
    std::string old_;
};

}  // namespace

TEST_CASE("the user's settings go to the profile and back, the work's do not", "[app][profile]") {
    const io_test::Folder folder;
    const Profile profile(folder.at("not/made/yet"));
    Session session;
    set_setting(session, "theme", "light");
    set_setting(session, "scale", "1.25");
    set_setting(session, "map.colours", "magma");
    set_setting(session, "camera.yaw", "2");
    set_setting(session, "attention.temperature", "3");
    set_setting(session, "picture.unit", "mm");
    set_setting(session, "picture.width_mm", "85");
    set_setting(session, "picture.background", "white");
    set_setting(session, "picture.without", "title,notes");
    session.desk.closed_views = {"tree"};
    session.desk.layout = "[Window][a]\nPos=1,2\n";
    profile.write(session);
    Session again;
    CHECK(profile.read(again).empty());
    CHECK(again.desk.theme == session.desk.theme);
    CHECK(again.desk.scale == 1.25);
    CHECK(again.desk.map.colours == session.desk.map.colours);
    CHECK(again.desk.closed_views == std::set<std::string>{"tree"});
    CHECK(again.desk.layout == session.desk.layout);
    CHECK(again.desk.picture == session.desk.picture);
    CHECK(again.desk.picture.without.has(Part::notes));
    CHECK(again.desk.splats.yaw == Session{}.desk.splats.yaw);
    CHECK(again.document.attention.temperature == 1.0);
}

TEST_CASE("lines the user wrote stay, wrong ones are told with their number", "[app][profile]") {
    const io_test::Folder folder;
    const Profile profile(folder.at(""));
    write(folder.at("settings"),
          "# mine\nset attention.top_k 12\nset theme light\nset theme purple\nopen a.txt\n");
    Session session;
    const std::vector<std::string> faults = profile.read(session);
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].find("line 4") != std::string::npos);
    CHECK(faults[1].find("line 5") != std::string::npos);
    CHECK(session.document.attention.top_k == 12);
    CHECK(get_setting(session, "theme") == "light");

    set_setting(session, "theme", "contrast");
    profile.write(session);
    Session again;
    (void)profile.read(again);
    CHECK(get_setting(again, "theme") == "contrast");
    CHECK(again.document.attention.top_k == 12);
    set_setting(again, "theme", "dark");  // the default needs no line
    profile.write(again);
    Session third;
    (void)profile.read(third);
    CHECK(get_setting(third, "theme") == "dark");
}

TEST_CASE("settings that are saved as default are those new work begins with", "[app][profile]") {
    const io_test::Folder folder;
    const std::string path = folder.at("settings");
    Runner runner({});
    for (const char* line :
         {"set splats.kernel lowrank", "set adapt.lambda 0.002", "set attention.top_k 7",
          "set theme light", "set map.level Token", "set camera.yaw 2", "set attention.mask 0:4",
          "set map.jump 3", "set adapt.level.Token.lambda 0.01"})
        REQUIRE(runner.run(line).exit_code == 0);
    const Outcome saved = runner.run("settings.save " + path);
    REQUIRE(saved.exit_code == 0);
    CHECK(saved.output.find("\"settings\":4") != std::string::npos);
    CHECK(runner.run("settings.save " + path).exit_code == 1);  // never unasked
    CHECK(runner.run("settings.save " + path + " overwrite").exit_code == 0);

    const Profile profile(folder.at(""));
    Session begun;
    CHECK(profile.read(begun).empty());
    CHECK(get_setting(begun, "splats.kernel") == "lowrank");
    CHECK(get_setting(begun, "adapt.lambda") == "0.002");
    CHECK(begun.document.attention.top_k == 7);
    CHECK(get_setting(begun, "theme") == "light");
    for (const char* of_the_data :
         {"map.level", "camera.yaw", "attention.mask", "map.jump", "adapt.level.Token.lambda"})
        CHECK(get_setting(begun, of_the_data) == get_setting(Session{}, of_the_data));
    // What is kept when the program ends leaves them.
    profile.write(begun);
    Session next;
    CHECK(profile.read(next).empty());
    CHECK(next.document.attention.top_k == 7);
}

TEST_CASE("what the user wrote among settings saved as default stays", "[app][profile]") {
    const io_test::Folder folder;
    const std::string path = folder.at("settings");
    const std::string first = std::string(kSettingsBegin) + "\n";
    Runner runner({});
    REQUIRE(runner.run("set attention.top_k 7").exit_code == 0);
    write(path, first +
                    "# mine\nset attention.top_k 5\nset splats.seed 3\n"
                    "set \"adapt.level.Token.lambda\" 0.01\nset camera.yaw 2\n");
    const Outcome saved = runner.run("settings.save " + path + " overwrite");
    REQUIRE(saved.exit_code == 0);
    CHECK(saved.output.find("\"settings\":1") != std::string::npos);
    CHECK(hsa::read_file(path) ==
          first +
              "# mine\nset \"adapt.level.Token.lambda\" 0.01\nset camera.yaw 2\n"
              "set attention.top_k 7\n");
    // Of another file nothing is known.
    write(path, "# mine\nset camera.yaw 2\n");
    REQUIRE(runner.run("settings.save " + path + " overwrite").exit_code == 0);
    CHECK(hsa::read_file(path) == first + "set attention.top_k 7\n");
}

TEST_CASE("settings saved as default name files from anywhere, and nothing of the data",
          "[app][profile]") {
    const io_test::Folder folder;
    const std::string vocabulary = folder.at("my vocab.txt");
    write(vocabulary, "[UNK]\na\n");
    const std::string near = std::filesystem::relative(vocabulary).string();
    REQUIRE(std::filesystem::path(near).is_relative());
    Runner runner({});
    for (const std::string& line :
         {"set embed.tokenizer " + quote_word(near), std::string("set attention.form shared"),
          std::string("set distributions.property token.mine"),
          std::string("set distributions.against token.length"),
          std::string("set text.measure mine"), std::string("set embed.model nowhere")})
        REQUIRE(runner.run(line).exit_code == 0);
    const std::string path = folder.at("settings");
    REQUIRE(runner.run("settings.save " + path).exit_code == 0);
    const std::string whole = std::filesystem::absolute(near).lexically_normal().string();
    CHECK(hsa::read_file(path) == std::string(kSettingsBegin) +
                                      "\nset embed.model nowhere\nset embed.tokenizer " +
                                      quote_word(whole) + "\n");
    // A kind of tokens is none, whatever files there are.
    REQUIRE(runner.run("set embed.tokenizer words").exit_code == 0);
    REQUIRE(runner.run("settings.save " + path + " overwrite").exit_code == 0);
    CHECK(hsa::read_file(path).find("set embed.tokenizer words\n") != std::string::npos);
}

TEST_CASE("recent files: the newest first, each once, those that are there", "[app][profile]") {
    const io_test::Folder folder;
    const Profile profile(folder.at("profile"));
    CHECK(profile.recent().empty());
    for (int i = 0; i < 14; ++i) {
        const std::string path = folder.at(fmt::format("file{}.txt", i));
        write(path, "words");
        profile.remember(path);
    }
    profile.remember("sample:voyage");
    profile.remember("-");
    REQUIRE(profile.recent().size() == 12);
    CHECK(profile.recent().front() == folder.at("file13.txt"));
    profile.remember(folder.at("file5.txt"));
    CHECK(profile.recent().front() == folder.at("file5.txt"));
    CHECK(profile.recent().size() == 12);
    std::filesystem::remove(folder.at("file13.txt"));
    CHECK(profile.recent().size() == 11);
}

TEST_CASE("where the profile lies", "[app][profile]") {
    const Environment home("HOME", "/home/someone");
    {
        const Environment own("SPLATSCOPE_HOME", "/somewhere");
        CHECK(Profile::usual_folder() == "/somewhere");
    }
    const Environment own("SPLATSCOPE_HOME", nullptr);
    {
        const Environment xdg("XDG_CONFIG_HOME", "/config");
        CHECK(Profile::usual_folder() == "/config/splatscope");
    }
    const Environment xdg("XDG_CONFIG_HOME", nullptr);
    CHECK(Profile::usual_folder() == "/home/someone/.config/splatscope");
}

TEST_CASE("a session saved by itself is found after its process died", "[app][autosave]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"), "1,2\n3,4\n5,6\n7,8\n9,1\n2,3\n4,5\n6,7\n");
    Session session;
    {
        Runner runner({});
        REQUIRE(runner.run("open " + folder.at("rows.csv")).error.empty());
        REQUIRE(runner.run("set attention.temperature 2").error.empty());
        session = runner.session();
        session.desk.own_file = folder.at("mine.session");
    }
    const std::string profile = folder.at("profile");
    std::string left;
    {
        Autosave autosave(profile);
        CHECK(autosave.look_at(session, nullptr, 5.0).empty());  // too early
        CHECK_FALSE(std::filesystem::exists(profile));
        autosave.write_now(session, nullptr);
        CHECK_FALSE(Autosave::find_lost(profile).has_value());  // its process lives
        for (const auto& entry : std::filesystem::directory_iterator(profile))
            left = entry.path().string();
        std::filesystem::copy_file(left,
                                   fmt::format("{}/autosave-{}.session", profile, dead_process()));
    }
    CHECK_FALSE(std::filesystem::exists(left));  // the program ended as it should
    const std::optional<LostSession> lost = Autosave::find_lost(profile);
    REQUIRE(lost.has_value());
    CHECK(lost->data == "rows.csv");
    CHECK(lost->own_file == folder.at("mine.session"));

    Runner runner({});
    REQUIRE(runner.run("session.recover " + lost->path).error.empty());
    CHECK(runner.session().desk.own_file == folder.at("mine.session"));
    CHECK(runner.session().document.attention.temperature == 2.0);
    CHECK(std::filesystem::equivalent(runner.session().document.sources.at(0).path,
                                      folder.at("rows.csv")));
    CHECK(runner.run("print measures").error.empty());
}

TEST_CASE("what is saved by itself has its cycles beside it", "[app][profile]") {
    const io_test::Folder folder;
    const std::string profile = folder.at("profile");
    const std::string lost = fmt::format("{}/autosave-{}", profile, dead_process());
    std::string measures;
    {
        Runner runner({});
        REQUIRE(runner.run("open sample:creatures").error.empty());
        REQUIRE(runner.run("adapt.step 3").error.empty());
        REQUIRE(runner.run("set theme light").error.empty());
        measures = runner.run("print measures").output;
        CHECK(runner.answers_session());
        Autosave autosave(profile);
        autosave.write_now(runner.session(), runner.snapshot_pointer());
        // More cycles than the .run has, which are not there yet.
        REQUIRE(runner.run("adapt.step 2").error.empty());
        autosave.write_now(runner.session(), nullptr);
        for (const auto& entry : std::filesystem::directory_iterator(profile)) {
            const std::string ending = entry.path().extension().string();
            std::filesystem::copy_file(entry.path(), lost + ending);
            if (ending != ".session") continue;
            // The copy names the copy.
            std::string text = hsa::read_file(lost + ending);
            const std::string own = entry.path().stem().string();
            for (std::size_t at = text.find(own); at != std::string::npos; at = text.find(own, at))
                text.replace(at, own.size(), std::filesystem::path(lost).filename().string());
            write(lost + ending, text);
        }
        CHECK(std::filesystem::exists(lost + ".run"));
    }
    CHECK(Autosave::find_lost(profile).has_value());
    Runner runner({});
    REQUIRE(runner.run("session.recover " + lost + ".session").error.empty());
    CHECK(runner.session().document.timeline.last == 5);
    CHECK(runner.session().document.run_timeline.last == 3);
    REQUIRE(runner.run("adapt.goto 3").error.empty());
    CHECK(runner.run("print measures").output == measures);
    CHECK(runner.run("run.verify").output.find("\"same\":true") != std::string::npos);
    REQUIRE(runner.run("open sample:voyage alone").error.empty());
    CHECK(runner.session().document.run.empty());
}

TEST_CASE("a session keeps its branches", "[app][session]") {
    const io_test::Folder folder;
    std::string compared;
    std::vector<Timeline> branches;
    {
        Runner runner({});
        REQUIRE(runner.run("open sample:creatures").error.empty());
        REQUIRE(runner.run("adapt.step 2").error.empty());
        REQUIRE(runner.run("adapt.goto 1").error.empty());
        REQUIRE(runner.run("set adapt.lambda 0.01").error.empty());  // branch 0 is left
        REQUIRE(runner.run("adapt.step 1").error.empty());
        REQUIRE(runner.run("adapt.goto 1").error.empty());
        REQUIRE(runner.run("splats.split 0").error.empty());  // branch 1 is left
        REQUIRE(runner.run("adapt.step 1").error.empty());
        REQUIRE(runner.run("compare.set branch 1").error.empty());
        branches = runner.session().document.branches;
        REQUIRE(branches.size() == 2);
        compared = runner.run("explain.compare").output;
        REQUIRE_FALSE(compared.empty());
        REQUIRE(runner.run("session.save " + folder.at("a.session")).error.empty());
    }
    Runner runner({});
    REQUIRE(runner.run("open " + folder.at("a.session")).error.empty());
    CHECK(runner.session().document.branches == branches);
    CHECK(runner.session().document.compare.kind == CompareKind::branch);
    CHECK(runner.run("explain.compare").output == compared);
    CHECK(runner.session().document.timeline.entries.size() == 2);
    CHECK(get_setting(runner.session(), "adapt.lambda") == "0.01");
}

TEST_CASE("a session knows its own file once it was saved or opened", "[app][session]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    CHECK(runner.session().desk.own_file.empty());
    REQUIRE(runner.run("session.save " + folder.at("a.session")).error.empty());
    CHECK(runner.session().desk.own_file == folder.at("a.session"));
    REQUIRE(runner.run("open sample:voyage alone").error.empty());
    CHECK(runner.session().desk.own_file.empty());
    REQUIRE(runner.run("set theme light").error.empty());
    REQUIRE(runner.run("open " + folder.at("a.session")).error.empty());
    CHECK(runner.session().desk.own_file == folder.at("a.session"));
    CHECK(get_setting(runner.session(), "theme") == "light");  // of the person, not of the file
}

TEST_CASE("data that cannot be loaded leave the open session as it was", "[app][runner]") {
    const io_test::Folder folder;
    write(folder.at("uneven.csv"), "1,2,3\n4,5\n6,7,8\n");
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    runner.wait_complete();
    const Document before = runner.session().document;
    runner.submit("open " + folder.at("uneven.csv"));
    std::vector<Outcome> outcomes;
    for (int i = 0; i < 500 && outcomes.size() < 2; ++i) {
        for (Outcome& outcome : runner.poll()) outcomes.push_back(std::move(outcome));
        ::usleep(10000);
    }
    REQUIRE(outcomes.size() == 2);  // taken, then given up
    CHECK(outcomes[1].exit_code == 1);
    CHECK(outcomes[1].error.find("uneven.csv") != std::string::npos);
    CHECK(runner.session().document == before);
    runner.wait_complete();
    CHECK(runner.snapshot().dataset != nullptr);
    CHECK_FALSE(runner.undo_history().can_redo());
}

TEST_CASE("a session keeps its history beside it and knows its data", "[app][session]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"),
          "1,2\n3,4\n5,6\n7,8\n9,1\n2,3\n4,5\n6,7\n1,9\n8,2\n3,3\n5,1\n7,7\n2,8\n6,4\n4,9\n");
    std::string measures;
    {
        Runner runner({});
        REQUIRE(runner.run("open " + folder.at("rows.csv")).error.empty());
        REQUIRE(runner.run("adapt.step 4").error.empty());
        REQUIRE(runner.run("adapt.goto 2").error.empty());
        REQUIRE(runner.run("select.tokens 3:5").error.empty());
        measures = runner.run("print measures").output;
        const Outcome saved = runner.run("session.save " + folder.at("a.session"));
        INFO(saved.error);
        REQUIRE(saved.error.empty());
    }
    CHECK(std::filesystem::exists(folder.at("a.run")));
    {
        Runner runner({});
        REQUIRE(runner.run("open " + folder.at("a.session")).error.empty());
        CHECK(runner.run("print measures").output == measures);
        CHECK(runner.session().document.timeline.last == 4);
        CHECK(runner.session().document.timeline.cursor == 2);
        CHECK(runner.session().document.selection.tokens == std::vector<hsa::Range>{{3, 5}});
        CHECK(runner.run("expect history.last == 4").error.empty());
        CHECK(runner.poll().empty());
        // What was opened is saved and opened once more.
        REQUIRE(runner.run("session.save " + folder.at("b.session")).error.empty());
        REQUIRE(runner.run("open " + folder.at("b.session")).error.empty());
        CHECK(runner.run("print measures").output == measures);
    }
    std::filesystem::remove(folder.at("a.run"));
    Runner runner({});
    CHECK(runner.run("open " + folder.at("a.session")).exit_code == 1);
}

TEST_CASE("data that changed since a session was saved are told", "[app][session]") {
    const io_test::Folder folder;
    write(folder.at("rows.csv"), "1,2\n3,4\n5,6\n7,8\n9,1\n2,3\n4,5\n6,7\n");
    {
        Runner runner({});
        REQUIRE(runner.run("open " + folder.at("rows.csv")).error.empty());
        REQUIRE(runner.run("session.save " + folder.at("a.session")).error.empty());
    }
    write(folder.at("rows.csv"), "1,2\n3,4\n5,6\n7,8\n9,1\n2,3\n4,5\n6,8\n");
    Runner::Options quiet;
    quiet.log = Log(LogLevel::error);
    Runner runner(std::move(quiet));
    REQUIRE(runner.run("open " + folder.at("a.session")).error.empty());
    runner.wait_complete();
    const std::vector<Outcome> told = runner.poll();
    REQUIRE(told.size() == 1);
    CHECK(told[0].error.find("rows.csv") != std::string::npos);
    CHECK(runner.poll().empty());
}

TEST_CASE("work that is cancelled leaves the session as it was before it was asked for",
          "[app][runner]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    runner.wait_complete();
    (void)runner.poll();
    const Document before = runner.session().document;
    runner.submit("open sample:voyage alone");
    (void)runner.poll();
    CHECK_FALSE(runner.session().document == before);
    ::usleep(50000);  // it is at work, and has a second's work before it
    runner.submit("cancel");
    std::vector<Outcome> outcomes;
    for (int i = 0; i < 500 && outcomes.size() < 2; ++i) {
        for (Outcome& outcome : runner.poll()) outcomes.push_back(std::move(outcome));
        ::usleep(2000);
    }
    REQUIRE(outcomes.size() == 2);
    CHECK(outcomes[1].error.find("Cancelled") != std::string::npos);
    CHECK(runner.session().document == before);
    runner.wait_complete();
    CHECK(runner.snapshot().registry != nullptr);
    CHECK_FALSE(runner.snapshot().cancelled);
}
