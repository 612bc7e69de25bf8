#include "app/views/view_names.h"

#include "app/widgets/text_lines.h"
#include "tests/catch.h"
#include "tests/unit/app/recording_canvas.h"

namespace splatscope {
namespace {

TEST_CASE("names of labels that are paths are told by what they share", "[views]") {
    CHECK(shared_path("owl/barn/raftern owl/barn/hushel") == "owl/barn: raftern hushel");
    CHECK(shared_path("owl/barn/raftern owl/snow/frostel owl/barn/hushel") == "owl: barn snow");
    CHECK(shared_path("seal/ring/loopel ray/sting/barbel seal/ring/annul") == "seal ray");
    CHECK(shared_path("owl/barn/hushel owl/barn/hushel") == "owl/barn/hushel");
    CHECK(shared_path("owl/barn/hushel") == "owl/barn/hushel");
    CHECK(shared_path("owl/barn owl/barn/hushel") == "owl/barn: hushel");
}

TEST_CASE("other names stay as they are", "[views]") {
    for (const char* name : {"", "fog", "terns fog island flock", "and/or either", "a  b/c"})
        CHECK(shared_path(name) == name);
}

TEST_CASE("names cut to a width stay apart", "[widgets]") {
    const RecordingCanvas canvas(400, 100);
    const TextStyle style{{}, Font::text, 10.0F};  // 5 px a letter
    const std::vector<std::string> names = {"The engine: part one", "The engine: part two", "Log"};
    const auto cut = fit_apart(canvas, names, style, 60.0F);
    CHECK(cut[0] != cut[1]);
    CHECK(cut[0].ends_with("part one"));
    CHECK(cut[1].ends_with("part two"));
    CHECK(cut[2] == "Log");
    for (const std::string& name : cut) CHECK(canvas.text_size(name, style).x <= 60.0F);
    CHECK(fit_apart(canvas, names, style, 400.0F) == names);
    CHECK(fit_end(canvas, "by the lighthouse", style, 75.0F) == "… lighthouse");
    CHECK(fit_end(canvas, "unbreakable", style, 30.0F).empty());
}

}  // namespace
}  // namespace splatscope
