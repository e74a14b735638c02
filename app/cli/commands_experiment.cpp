// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "engine/base/atomic_file.h"
#include "engine/base/text.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace depthscope::cli {

namespace {

/// Puts the page between the marks of its experiment in a document; appends them where missing.
void writeInto(const std::filesystem::path& document,
               const std::string& name,
               const std::string& page) {
    const std::string begin = "<!-- experiment " + name + ": written by the command -->\n";
    const std::string end = "<!-- end of experiment " + name + " -->\n";
    std::ifstream stream(document, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    std::error_code ignored;
    if (std::filesystem::exists(document, ignored) && (!stream.is_open() || stream.bad())) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: cannot be read", document.string()),
                    "Give --page a document that you can read and write.");
    }
    const std::size_t from = text.find(begin), to = text.find(end);
    if (from == std::string::npos || to == std::string::npos || to < from) {
        text += (text.empty() || text.ends_with("\n\n") ? "" : "\n") + begin + page + end;
    } else {
        text.replace(from + begin.size(), to - from - begin.size(), page);
    }
    AtomicFile file(document);
    file.write(text);
    file.commit();
}

struct ExperimentOptions {
    runtime::ExperimentRequest request;
    std::string document;
    std::string systems;
    std::int64_t seeds = 0;
};

/// "a,b" as a list.
std::vector<std::string> partsOf(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) {
        parts.push_back(part);
    }
    return parts;
}

void experiment(const Common& common, const ExperimentOptions& options) {
    runtime::ExperimentRequest request = options.request;
    const std::string& document = options.document;
    request.systems = partsOf(options.systems);
    if (options.seeds < 0 || request.steps < 0 || request.trainMinutes < 0) {
        throw Error(ErrorCode::Usage, "--seeds, --steps and --train-minutes must be greater than 0",
                    "Leave them out to use the experiment's own.");
    }
    request.seeds = static_cast<int>(std::min<std::int64_t>(options.seeds, INT32_MAX));
    refuseEngineOptions(common, "an experiment, which uses its own seeds and one CPU thread");
    if (request.outFolder.empty()) {
        request.outFolder = request.name;
    }
    Client client(common.engine);
    client.perform(request, [&](const runtime::Event& event) {
        if (const auto* report = std::get_if<runtime::ExperimentReport>(&event)) {
            if (!report->page.empty() && !document.empty()) {
                writeInto(document, request.name, report->page);
            }
            if (common.json) {
                printJson({{"cell", report->cell},
                           {"val_loss", report->valLoss},
                           {"unit", report->unit},
                           {"done", report->done},
                           {"cells", report->cells},
                           {"page", report->page}});
            } else {
                printLine(report->page.empty()
                              ? fmt::format("{}: {:f} {} ({} of {} cells)", report->cell,
                                            report->valLoss, report->unit, report->done,
                                            report->cells)
                              : report->page);
            }
        } else if (const auto* progress = std::get_if<runtime::JobProgress>(&event)) {
            showProgress("experiment", *progress);
        }
    });
}

} // namespace

Action declareExperiment(CLI::App& app) {
    auto options = std::make_shared<ExperimentOptions>();
    runtime::ExperimentRequest& request = options->request;
    addWord(app, "NAME", request.name, "Experiment to run: mor-small, looped or more-dit");
    addText(app, "out", "DIR", request.outFolder,
            "Folder for its training runs; default: its name");
    addText(app, "text-file", "FILE", request.textFile, "Second data set");
    addMinutes(app, request.minutes);
    addFlag(app, "resume", request.resume, "Run only the missing cells");
    addText(app, "clips", "NAME", request.clips,
            "Procedural clips of more-dit; default: one-shape");
    addText(app, "systems", "A,B", options->systems, "Systems of looped or more-dit; default: all");
    addInteger(app, "seeds", options->seeds, "Seeds of looped or more-dit: 1 to this; default: 3");
    addNumber(app, "train-minutes", request.trainMinutes,
              "Processor time of each training of looped or more-dit; default: 4");
    addInteger(app, "steps", request.steps,
               "Ends each training of looped or more-dit instead of the time");
    addText(app, "page", "FILE.md", options->document, "Write the results into this document");
    return [options](const Common& common) { experiment(common, *options); };
}

} // namespace depthscope::cli
