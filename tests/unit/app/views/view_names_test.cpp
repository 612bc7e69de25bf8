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

TEST_CASE("levels of all cycles stand in order, those not shown between them", "[views][levels]") {
    hsa::Snapshot snapshot;
    hsa::SplatRegistry registry;
    registry.hierarchy.levels = {{"Token", 1.0}, {"Group", 1.0}, {"Document", 1.0}};
    snapshot.registry = std::make_shared<const hsa::SplatRegistry>(registry);
    hsa::History history;
    const auto add = [&](std::vector<std::string> names) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->measures.level_names = std::move(names);
        history.cycles.push_back(std::move(cycle));
    };
    add({"Token", "Phrase", "Section", "Document"});
    add({"Token", "Clause", "Phrase", "Section", "Document"});
    add({"Token", "Group", "Document"});
    auto brief = std::make_shared<hsa::Cycle>(*history.cycles.back());
    hsa::Event gone;
    gone.kind = hsa::EventKind::level;
    gone.level = 99;
    gone.level_name = "Whole";
    brief->events.push_back(gone);
    history.cycles.back() = brief;
    snapshot.history = std::make_shared<const hsa::History>(history);
    const std::vector<splatscope::HistoryLevel> levels = splatscope::levels_over_time(snapshot);
    std::string names;
    for (const auto& level : levels)
        names += level.name + (level.index ? std::to_string(*level.index) : "-") + " ";
    CHECK(names == "Token0 Clause- Phrase- Section- Group1 Document2 Whole- ");
}
