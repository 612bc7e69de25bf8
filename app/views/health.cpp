#include "app/views/inspector_card.h"
#include "app/views/view.h"
#include "app/views/view_waiting.h"
#include "app/widgets/chips.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace splatscope {
namespace {

constexpr float kEdge = 4.0F;
constexpr float kApart = 28.0F;           // between columns
constexpr float kChecksWidth = 270.0F;    // of a column of checks, at least
constexpr float kFindingsWidth = 300.0F;  // of the findings, at least where checks stand beside
constexpr float kWidestFindings = 640.0F;
constexpr float kWheelStep = 48.0F;
constexpr float kBar = 4.0F;
constexpr std::size_t kNamed = 12;   // splats of a place that are written
constexpr double kManyDigits = 1e5;  // limits from here on are written as powers

Colour colour_of(const Theme& theme, hsa::Severity severity) {
    switch (severity) {
        case hsa::Severity::fault: return theme.error;
        case hsa::Severity::warning: return theme.warning;
        case hsa::Severity::info: return theme.accent;
    }
    return theme.secondary;
}

std::string plain(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

bool within(const hsa::Check& check) {
    return check.at_least ? check.value >= check.limit : check.value <= check.limit;
}

std::string limit_text(const hsa::Check& check) {
    std::string number = number_text(check.limit, 2);
    if (check.limit >= kManyDigits)
        number = fmt::format("1e{:.0f}", std::log10(check.limit));  // they are powers of ten
    return fmt::format("{} {}", check.at_least ? "\u2265" : "\u2264", number);
}

// "2 faults, 1 warning", or nothing.
std::string summary(const hsa::HealthReport& report) {
    std::string text;
    for (const hsa::Severity severity :
         {hsa::Severity::fault, hsa::Severity::warning, hsa::Severity::info}) {
        const std::size_t count = report.count(severity);
        if (count == 0) continue;
        if (!text.empty()) text += ", ";
        text += severity == hsa::Severity::info ? counted(count, "remark")
                                                : counted(count, hsa::name_of(severity));
    }
    return text;
}

// What a click on the place of a finding selects.
RowLink place_link(const hsa::Finding& finding, std::size_t index) {
    RowLink link;
    link.id = fmt::format("finding {}", index);
    if (!finding.place.splats.empty()) {
        link.command = "select.splats";
        for (const hsa::SplatId id : finding.place.splats) link.command += fmt::format(" {}", id);
        link.tooltip = "select these splats";
    } else if (!finding.place.tokens.empty()) {
        link.command = "select.tokens";
        for (const std::uint32_t token : finding.place.tokens)
            link.command += fmt::format(" {}:{}", token, token + 1);
        link.tooltip = "select these tokens";
    }
    return link;
}

std::string place_text(const hsa::Finding& finding) {
    const hsa::FindingPlace& place = finding.place;
    std::string text = place.level;
    const auto add = [&text](const std::string& part) {
        if (!text.empty()) text += " \u00b7 ";
        text += part;
    };
    if (!place.splats.empty()) {
        std::string ids = place.splats.size() == 1 ? "splat" : "splats";
        for (std::size_t s = 0; s < std::min(kNamed, place.splats.size()); ++s)
            ids += fmt::format(" {}", place.splats[s]);
        if (place.splats.size() > kNamed)
            ids += fmt::format(" and {} more", place.splats.size() - kNamed);
        add(ids);
    }
    if (!place.tokens.empty()) add(counted(place.tokens.size(), "token"));
    return text;
}

// What the button of a command says; its tooltip has the command.
std::string button_text(const std::string& command) {
    if (command.starts_with("recover.repair")) return "Repair";
    if (command.starts_with("reset ")) return "Reset";
    if (command == "splats.calibrate") return "Calibrate";
    return command;
}

constexpr float kBetween = 14.0F;  // findings
constexpr float kIndent = 12.0F;
constexpr float kLine = 19.0F;

float height_of(const Canvas& canvas, const hsa::Finding& finding, float width) {
    const TextStyle style{{}, Font::text, kTextSize};
    const std::size_t lines = broken_lines(canvas, finding.text, style, width).size();
    const std::size_t facts = finding.numbers.size() + (place_text(finding).empty() ? 0 : 1);
    return 23.0F + 20.0F * static_cast<float>(lines) + kLine * static_cast<float>(facts);
}

// Checks under one title; settings stand apart from what splats are like.
struct Group {
    std::string title;
    std::vector<const hsa::Check*> checks;
};
std::vector<Group> groups_of(const hsa::HealthReport& report) {
    std::vector<Group> groups;
    for (const hsa::Check& check : report.checks) {
        const bool settings = check.kind == hsa::FindingKind::configuration &&
                              check.name.find('.') != std::string::npos;
        const bool same = !groups.empty() && groups.back().checks.front()->kind == check.kind;
        if (!same || (settings && groups.back().title != "Settings"))
            groups.push_back({settings ? "Settings" : hsa::title_of(check.kind), {}});
        groups.back().checks.push_back(&check);
    }
    return groups;
}

class HealthView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "health"; }
    [[nodiscard]] std::string title() const override { return "Health"; }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] bool scrolls() const override { return true; }
    [[nodiscard]] std::string help() const override {
        return "What is wrong, worst first: a fault makes attention meaningless, a warning makes "
               "it poor. Each says where, the number that shows it, and the limit it is held "
               "against; beside it, every number that was looked at.\n"
               "Click a place to select its splats or tokens; a button runs the command that "
               "helps, each repair is an event and can be undone. Wheel: scroll.";
    }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"recover.automatic", "recover.fallback", "recover.bound", "recover.window"};
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const hsa::HealthReport* report = report_of(context);
        if (report == nullptr) return "";
        const std::string found = summary(*report);
        return fmt::format("cycle {} \u00b7 {} \u00b7 {} held against limits",
                           context.snapshot.cycle, found.empty() ? "all is well" : found,
                           counted(report->checks.size(), "number"));
    }
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    // Of what is on screen, or of the snapshot before while the new one is being looked at.
    [[nodiscard]] static const hsa::HealthReport* report_of(const ViewContext& context) {
        return context.snapshot.registry ? context.look.health.get() : nullptr;
    }
    static void write_findings(Canvas& canvas, CardWriter& card, const hsa::HealthReport& report,
                               const Pointer& pointer, const Rect& place, Drawn& drawn);
    static float write_checks(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                              const Rect& place, float top, Drawn& drawn);
    void scroll(Canvas& canvas, const Theme& theme, const Pointer& pointer, const Rect& bounds);

    float scroll_ = 0.0F;
    float content_ = 0.0F;
};

void HealthView::write_findings(Canvas& canvas, CardWriter& card, const hsa::HealthReport& report,
                                const Pointer& pointer, const Rect& place, Drawn& drawn) {
    const Theme& theme = card.theme();
    if (report.findings.empty()) {
        card.marked_title(Marker::circle, theme.good, "All is well", "");
        card.sentence(fmt::format("{} were held against their limits; none is beyond.",
                                  counted(report.checks.size(), "number")),
                      theme.secondary);
        return;
    }
    for (std::size_t f = 0; f < report.findings.size(); ++f) {
        const hsa::Finding& finding = report.findings[f];
        const Colour colour = colour_of(theme, finding.severity);
        if (f > 0) card.space(kBetween);
        const float top = card.y();
        // A picture shows whole findings and how many more there are.
        const float height = height_of(canvas, finding, place.width() - kIndent);
        const float rest = f + 1 < report.findings.size() ? kBetween + kLine : 0.0F;
        if (card.context().exporting && f > 0 && top + height + rest > place.max.y) {
            card.mono(fmt::format("and {} more", report.findings.size() - f), true);
            return;
        }
        const bool button = !finding.command.empty();
        const std::string words = button_text(finding.command);
        const float room = button ? chip_width(canvas, words) + 12.0F : 0.0F;
        if (button && card.seen(top, 23.0F)) {
            const Rect chip{{place.max.x - room + 12.0F, top + 1.0F},
                            {place.max.x, top + 1.0F + kChipHeight}};
            const bool over = pointer.inside && chip.contains(pointer.position);
            draw_chip(canvas, theme, {words, theme.accent, true}, chip, over);
            drawn.hits.push_back({fmt::format("repair {}", f), chip, finding.command});
            if (over) drawn.tooltip = finding.command;
            if (pointer.clicked && chip.contains(pointer.press_position))
                drawn.commands.push_back(finding.command);
        }
        card.inset(kIndent, room);
        card.title(hsa::title_of(finding.kind), hsa::name_of(finding.severity),
                   text_colour(theme, colour));
        card.inset(kIndent, 0.0F);
        card.sentence(finding.text);
        const std::string where = place_text(finding);
        if (!where.empty()) card.mono(where, true, place_link(finding, f));
        for (const hsa::Reason& number : finding.numbers)
            card.mono(fmt::format("{} {}, limit {}", plain(number.name), number_text(number.value),
                                  number_text(number.threshold)),
                      true,
                      {"", "",
                       fmt::format("{} held against {}", raw_text(number.value),
                                   raw_text(number.threshold))});
        card.inset(0.0F, 0.0F);
        if (card.seen(top, 23.0F)) card.stripe(top, colour);
    }
}

// Groups of checks, one a kind, in as many columns as fit; returns where the longest ends.
float HealthView::write_checks(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                               const Rect& place, float top, Drawn& drawn) {
    const Theme& theme = context.theme;
    const hsa::HealthReport& report = *report_of(context);
    std::map<hsa::FindingKind, hsa::Severity> worst;
    for (const hsa::Finding& finding : report.findings) {
        const auto known = worst.try_emplace(finding.kind, finding.severity).first;
        known->second = std::max(known->second, finding.severity);
    }
    const std::vector<Group> groups = groups_of(report);
    const auto columns = std::max<std::size_t>(
        1, static_cast<std::size_t>((place.width() + kApart) / (kChecksWidth + kApart)));
    const float width =
        (place.width() - kApart * static_cast<float>(columns - 1)) / static_cast<float>(columns);
    const std::size_t lines = report.checks.size() + 2 * groups.size();
    const std::size_t a_column = (lines + columns - 1) / columns;
    float lowest = top;
    std::size_t group = 0;
    for (std::size_t column = 0; column < columns && group < groups.size(); ++column) {
        const float left = place.min.x + static_cast<float>(column) * (width + kApart);
        CardWriter card(canvas, context, pointer,
                        {{left, place.min.y}, {left + width, place.max.y}}, top, drawn);
        std::size_t written = 0;
        while (group < groups.size() && (written == 0 || column + 1 == columns ||
                                         written + groups[group].checks.size() / 2 < a_column)) {
            if (written > 0) card.space(8.0F);
            card.title(groups[group].title);
            for (const hsa::Check* check : groups[group].checks) {
                const auto found = worst.find(check->kind);
                const Colour colour = within(*check) || found == worst.end()
                                          ? theme.good
                                          : colour_of(theme, found->second);
                card.measure(
                    colour, check->name, number_text(check->value), limit_text(*check),
                    {"", "",
                     fmt::format("{}: {}\n{} held against {}", hsa::title_of(check->kind),
                                 check->name, raw_text(check->value), raw_text(check->limit))});
            }
            written += groups[group].checks.size() + 2;
            ++group;
        }
        lowest = std::max(lowest, card.y());
    }
    return lowest;
}

void HealthView::scroll(Canvas& canvas, const Theme& theme, const Pointer& pointer,
                        const Rect& bounds) {
    const float last = std::max(0.0F, content_ - bounds.height());
    if (pointer.inside && pointer.wheel != 0.0F) scroll_ -= kWheelStep * pointer.wheel;
    scroll_ = std::clamp(scroll_, 0.0F, last);
    if (last <= 0.5F) return;
    const float share = bounds.height() / content_;
    const float top = bounds.min.y + scroll_ * share;
    canvas.rect(
        {{bounds.max.x - kBar - 2.0F, top}, {bounds.max.x - 2.0F, top + bounds.height() * share}},
        theme.secondary.with_alpha(0.4F), 2.0F);
}

Drawn HealthView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    if (!snapshot.registry || !snapshot.measures) {
        draw_nothing(canvas, context, drawn);
        return drawn;
    }
    drawn.health = true;
    const bool current = context.look.health && context.look.of &&
                         context.look.of->generation == snapshot.generation;
    drawn.waiting = !current && snapshot.error.empty();
    const hsa::HealthReport* report = report_of(context);
    if (report == nullptr) {
        draw_empty_state(canvas, context.theme, drawn, "looking at every number ...");
        return drawn;
    }
    const Rect bounds = canvas.bounds();
    if (context.exporting) scroll_ = 0.0F;
    else scroll(canvas, context.theme, pointer, bounds);
    const float left = bounds.min.x + kEdge;
    const float right = bounds.max.x - 12.0F;
    const float top = bounds.min.y + 10.0F - scroll_;
    canvas.push_clip(bounds);
    // Findings beside the checks where there is room for both; all is well is one line above them.
    const bool beside =
        !report->findings.empty() && right - left >= kFindingsWidth + kApart + kChecksWidth;
    const float width =
        beside ? std::min(kWidestFindings, std::max(kFindingsWidth, 0.5F * (right - left - kApart)))
               : right - left;
    const Rect first{{left, bounds.min.y}, {left + width, bounds.max.y}};
    CardWriter findings(canvas, context, pointer, first, top, drawn);
    write_findings(canvas, findings, *report, pointer, first, drawn);
    const Rect second{{beside ? first.max.x + kApart : left, bounds.min.y}, {right, bounds.max.y}};
    const float lowest =
        write_checks(canvas, context, pointer, second, beside ? top : findings.y() + 12.0F, drawn);
    content_ = std::max(findings.y(), lowest) - top + 20.0F;
    canvas.pop_clip();
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_health_view() { return std::make_unique<HealthView>(); }

}  // namespace splatscope
