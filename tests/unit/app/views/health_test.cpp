#include "engine/recover/report.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <string>

using namespace splatscope;

namespace splatscope {
std::unique_ptr<View> make_health_view();
}

namespace {

hsa::HealthReport report_with_findings() {
    hsa::HealthReport report;
    report.findings.push_back({hsa::FindingKind::configuration,
                               hsa::Severity::fault,
                               {"Token", {1, 3}, {}, "adapt"},
                               {{"ln_amplitude_above_median", 27.6, 16.0}},
                               "2 splats have an amplitude up to 1e12 times the median.",
                               "recover.repair amplitudes"});
    report.findings.push_back({hsa::FindingKind::numbers,
                               hsa::Severity::warning,
                               {"", {}, {4, 5}, "factor"},
                               {{"row_sum_error", 0.01, 0.001}},
                               "Rows of P do not sum to 1.",
                               ""});
    report.checks.push_back({hsa::FindingKind::configuration, "ln amplitude", 27.6, 16.0});
    report.checks.push_back({hsa::FindingKind::memory, "GiB", 0.1, 4.0});
    return report;
}

struct Panel {
    SmallWorld world = small_world();
    std::unique_ptr<View> view = make_health_view();
    RecordingCanvas canvas{900, 300};

    Drawn draw(const hsa::HealthReport& report, const Pointer& pointer = {}) {
        world.look.of = world.snapshot;
        world.look.health = std::make_shared<const hsa::HealthReport>(report);
        canvas = RecordingCanvas(canvas.bounds());
        return view->draw(canvas, world.context(), pointer);
    }
    [[nodiscard]] bool says(const std::string& words) const {
        return std::any_of(
            canvas.texts().begin(), canvas.texts().end(),
            [&](const PlacedText& text) { return text.text.find(words) != std::string::npos; });
    }
};

const Hit& hit_of(const Drawn& drawn, const std::string& id) {
    const auto hit = std::find_if(drawn.hits.begin(), drawn.hits.end(),
                                  [&](const Hit& h) { return h.id == id; });
    REQUIRE(hit != drawn.hits.end());
    return *hit;
}

}  // namespace

TEST_CASE("the health panel asks for a report and shows findings, numbers and what helps",
          "[app][views][health]") {
    Panel panel;
    const Drawn drawn = panel.draw(report_with_findings());
    CHECK(drawn.health);
    CHECK_FALSE(drawn.waiting);
    CHECK(panel.says("an amplitude up to"));
    CHECK(panel.says("27.6"));
    CHECK(panel.says("fault"));
    CHECK(hit_of(drawn, "repair 0").command == "recover.repair amplitudes");
    CHECK(hit_of(drawn, "finding 0").command == "select.splats 1 3");
    CHECK(hit_of(drawn, "finding 1").command == "select.tokens 4:5 5:6");
    const auto& texts = panel.canvas.texts();
    for (std::size_t a = 0; a < texts.size(); ++a)
        for (std::size_t b = a + 1; b < texts.size(); ++b) {
            INFO(texts[a].text << " | " << texts[b].text);
            CHECK_FALSE(texts[a].place.overlaps(texts[b].place));
        }
}

TEST_CASE("a click on the button of a finding sends its repair", "[app][views][health]") {
    Panel panel;
    const Drawn drawn = panel.draw(report_with_findings());
    Pointer pointer;
    pointer.inside = pointer.clicked = true;
    pointer.position = pointer.press_position = hit_of(drawn, "repair 0").place.centre();
    CHECK(panel.draw(report_with_findings(), pointer).commands ==
          std::vector<std::string>{"recover.repair amplitudes"});
    pointer.position = pointer.press_position = hit_of(drawn, "finding 0").place.centre();
    CHECK(panel.draw(report_with_findings(), pointer).commands ==
          std::vector<std::string>{"select.splats 1 3"});
}

TEST_CASE("the health panel says when all is well, and waits for what is on screen",
          "[app][views][health]") {
    Panel panel;
    hsa::HealthReport report;
    report.checks.push_back({hsa::FindingKind::memory, "GiB", 0.1, 4.0});
    CHECK_FALSE(panel.draw(report).waiting);
    CHECK(panel.says("All is well"));
    CHECK(panel.says("GiB"));
    panel.world.look.health = nullptr;
    panel.world.look.of = nullptr;
    panel.canvas = RecordingCanvas(panel.canvas.bounds());
    CHECK(panel.view->draw(panel.canvas, panel.world.context(), {}).waiting);
}
