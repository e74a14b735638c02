// SPDX-License-Identifier: MIT
// A laboratory on fake runtimes with bundled folders that exist but are empty of weights. One per
// test.
#pragma once

#include "tests/widgets/fake_runtime.h"
#include "widgets/lab/lab_controller.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <atomic>
#include <utility>

namespace depthscope::test {

struct LabFixture {
    LabFixture() {
        const std::pair<const char*, const char*> models[] = {
            {"demo-vanilla", "llama"},       {"demo-mor-expert", "mor_llama"},
            {"demo-mor-token", "mor_llama"}, {"demo-more", "more"},
            {"demo-ids", "mor_llama"},       {"demo-more-dit", "more_dit"},
            {"demo-dit", "video_dit"},       {"demo-broken", ""}};
        for (const auto& [name, family] : models) {
            static_cast<void>(addModel(name, family));
        }
    }

    /// Another folder, of a family; the folder.
    [[nodiscard]] QString addModel(const char* name, const char* family) const {
        const QString path = folder(name);
        QDir().mkpath(path);
        QFile config(path + QStringLiteral("/config.json"));
        if (config.open(QIODevice::WriteOnly)) {
            config.write(QByteArray("{\"model_type\": \"") + family + "\"}");
        }
        return path;
    }

    [[nodiscard]] QString folder(const char* name) const {
        return root.path() + QStringLiteral("/models/") + QString::fromLatin1(name);
    }

    lab::Backends backends() {
        lab::Backends made;
        made.live = [this](runtime::Wake wake) {
            auto created = std::make_unique<FakeRuntime>(std::move(wake));
            fake = created.get();
            return created;
        };
        made.replay = [this](const std::string&, runtime::Wake wake) {
            return std::make_unique<FakeReplay>(recorded, replayError, std::move(wake));
        };
        made.save = [this](const std::string& file, const recording::Recording& recording) {
            if (file.find("full") != std::string::npos) {
                throw Error(ErrorCode::OutOfMemory, file + ": no room", "Free some space.");
            }
            savedLanes = recording.lanes;
            savedSteps = recording.steps.size();
        };
        return made;
    }

    /// Lets queued wake-ups arrive.
    static void settle() {
        for (int i = 0; i < 8; ++i) {
            QCoreApplication::processEvents();
        }
    }

    void openExpert(const char* text = "the cat sat on the mat and slept") {
        lab.loadModel(folder("demo-mor-expert"));
        lab.setPrompt({text, {}, {}});
        settle();
    }

    [[nodiscard]] const trace::RunView* main() const { return lab.store().view().main; }

    QTemporaryDir root;
    FakeRuntime* fake = nullptr;
    trace::LanesPtr savedLanes;
    std::vector<trace::StepPtr> recorded;
    std::optional<Error> replayError;
    std::atomic<std::size_t> savedSteps{0};
    lab::LabController lab{backends(), lab::ModelCatalog({root.path()})};
};

} // namespace depthscope::test
