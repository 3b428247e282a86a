//! Each step of a run on the municipality example, and the whole: `cargo bench --profile dev`, which uses the build of `cargo run`.

#[path = "../tests/common/mod.rs"]
mod common;

use dpia365::assessment::assess;
use dpia365::catalog::{self, Layer};
use dpia365::model::Lang;
use dpia365::render;

const EXAMPLE: &str = "municipality";
const AS_OF: &str = "2026-11-22";
const METHOD: &str = "dpia365-4";

fn main() {
    divan::main();
}

#[divan::bench]
fn load_catalogue() -> usize {
    catalog::load(&[Layer::embedded()]).0.risks.len()
}

#[divan::bench]
fn load_description(bencher: divan::Bencher<'_, '_>) {
    common::world();
    bencher.bench(|| common::example(EXAMPLE));
}

#[divan::bench]
fn assess_deployment(bencher: divan::Bencher<'_, '_>) {
    let (world, deployment) = (common::world(), common::example(EXAMPLE));
    bencher.bench(|| assess(&deployment, &world.catalog, &world.catalog.methods[METHOD], AS_OF.parse().expect("a date")).findings.len());
}

#[divan::bench]
fn assess_and_compose(bencher: divan::Bencher<'_, '_>) {
    common::world();
    let deployment = common::example(EXAMPLE);
    bencher.bench(|| common::view(&deployment, AS_OF, METHOD, Lang::Nl));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn render_pdf(bencher: divan::Bencher<'_, '_>) {
    let world = common::world();
    let view = common::view(&common::example(EXAMPLE), AS_OF, METHOD, Lang::Nl);
    bencher.bench(|| render::pdf(&view, &world.templates).expect("the example renders").len());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn whole_run() -> usize {
    let view = common::view(&common::example(EXAMPLE), AS_OF, METHOD, Lang::Nl);
    render::pdf(&view, &common::world().templates).expect("the example renders").len()
}
