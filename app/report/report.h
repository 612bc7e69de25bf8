#pragma once

#include "app/session.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/snapshot.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace splatscope {

// A table of words; `numbers` says which columns stand at the right.
struct ReportTable {
    std::vector<std::string> head;
    std::vector<bool> numbers;
    std::vector<std::vector<std::string>> rows;
};

// A piece of a report. Which members it has follows from its kind.
struct ReportBlock {
    enum class Kind : std::uint8_t { heading, text, list, table, code, picture };
    Kind kind = Kind::text;
    std::string text;                // heading, text, code; the caption of a table or picture
    std::string mark;                // of a heading: exact, bound, approximate, or empty
    std::vector<std::string> items;  // list
    ReportTable table;
    std::string view;  // picture: the view's id
};

// What a session found, as a document that any format can write.
struct Report {
    std::string title;
    std::string subtitle;
    std::vector<ReportBlock> blocks;

    // The views whose pictures it wants, in order.
    [[nodiscard]] std::vector<std::string> views() const;
};

// Data, settings that differ from their defaults, health, levels, splats with what they do, the
// strongest pairs, flow, comparison with standard attention, events, what is exact and what is not,
// and the session as commands. The snapshot holds factors and measures. The same session gives the
// same report: no times, no machine. Throws Cancelled.
[[nodiscard]] Report make_report(const Session& session, const hsa::Snapshot& snapshot,
                                 hsa::Backend& backend, const hsa::Work& work);

// One file: pictures (by view, bytes of a PNG) as data URIs, no script, nothing from a network.
[[nodiscard]] std::string write_html(const Report& report,
                                     const std::map<std::string, std::string>& pictures);
// Pictures by view are paths as the file names them.
[[nodiscard]] std::string write_markdown(const Report& report,
                                         const std::map<std::string, std::string>& pictures);

}  // namespace splatscope
