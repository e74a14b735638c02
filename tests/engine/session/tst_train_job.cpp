// SPDX-License-Identifier: MIT
// A training that starts from another model's weights.
#include "engine/io/model_folder.h"
#include "engine/session/jobs.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QtTest>

using namespace depthscope;

namespace {

void train(const runtime::TrainRequest& request) {
    session::Workspace workspace;
    const std::unique_ptr<runtime::Job> job =
        session::makeTrainJob(workspace, 1, request, [](const runtime::Event&) {});
    while (job->step()) {
    }
}

at::Tensor embeddingOf(const std::string& folder) {
    return io::loadModel(folder, {}).model->weights().embedding;
}

} // namespace

class TestTrainJob : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// After a step that moves next to nothing the average is what the training started from.
    void theAverageStartsAtTheSource() {
        const QTemporaryDir folder;
        runtime::TrainRequest source;
        source.preset = "tiny-vanilla";
        source.corpus = "graded";
        source.outFolder = folder.filePath("source").toStdString();
        source.steps = 1;
        source.seed = 5;
        train(source);

        runtime::TrainRequest request = source;
        request.preset = "tiny-mor-expert";
        request.outFolder = folder.filePath("out").toStdString();
        request.initFrom = source.outFolder;
        request.seed = 6;
        request.recipe = {{"average", "0.9999"}, {"learning_rate", "1e-9"}};
        train(request);

        const at::Tensor from = embeddingOf(source.outFolder), to = embeddingOf(request.outFolder);
        // Both are saved in bfloat16, with 8 bits: half a last place each.
        const double scale = from.abs().max().item<double>();
        QVERIFY((from - to).abs().max().item<double>() <= scale / 128);
        QVERIFY(scale > 0);
    }
};

QTEST_APPLESS_MAIN(TestTrainJob)
#include "tst_train_job.moc"
