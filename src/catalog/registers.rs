//! The registers: staff representation, retention, transfers, roles, rights.

use super::Catalog;
use super::conditions::Context;
use super::files::{Item, Nodes};
use super::lists::{each, owned, tag};
use crate::diagnostic::Diagnostic;
use crate::model::{Flow, RetentionKind, Right, Role, StaffLaw};
use crate::source::Fields;
use std::cell::RefCell;

pub(super) fn load(catalog: &mut Catalog, nodes: &Nodes, diagnostics: &RefCell<Vec<Diagnostic>>) {
    let vocabulary = catalog.vocabulary.clone();
    let context = Context { vocabulary: &vocabulary, record: None, platform: false, diagnostics };
    catalog.staff_laws = each(nodes, "staff-representation", |i| staff_law(i, &context));
    catalog.retention = each(nodes, "retention", |i| retention(i, &context));
    catalog.flows = each(nodes, "transfers", |i| flow(i, &context));
    catalog.roles = each(nodes, "roles", |i| role(i, &context));
    catalog.rights = each(nodes, "rights", |i| right(i, &context));
}

fn fields<'i, 'd>(item: &'i Item, context: &Context<'d>) -> Option<Fields<'i, 'd>> {
    Fields::of(&item.node, &format!("the entry `{}`", item.id), context.diagnostics)
}

fn staff_law(item: &Item, context: &Context<'_>) -> Option<StaffLaw> {
    let fields = fields(item, context)?;
    fields.required("right");
    let law = StaffLaw {
        id: item.id.clone(),
        countries: owned(fields.strs("countries")),
        law: fields.required_str("law")?.to_owned(),
        right: fields.choice("right", &["consent", "co-determination", "advice", "information"])?.to_owned(),
        text: fields.required_text("text"),
        sources: owned(fields.strs("sources")),
        tag: tag(&fields)?,
        when: context.paths(&fields),
        place: item.node.place.clone(),
    };
    fields.finish();
    Some(law)
}

fn retention(item: &Item, context: &Context<'_>) -> Option<RetentionKind> {
    let fields = fields(item, context)?;
    fields.required("controlled-by");
    let kind = RetentionKind {
        id: item.id.clone(),
        data: fields.required_str("data")?.to_owned(),
        services: owned(fields.strs("services")),
        controlled_by: fields.choice("controlled-by", &["organisation", "microsoft", "both"])?.to_owned(),
        default: fields.str("default").map(str::to_owned),
        configured: fields.str("configured").map(str::to_owned),
        endless: owned(fields.strs("endless")),
        label: fields.required_text("label"),
        note: fields.required_text("note"),
        sources: owned(fields.strs("sources")),
        measures: owned(fields.strs("measures")),
        when: context.paths(&fields),
        place: item.node.place.clone(),
    };
    fields.finish();
    Some(kind)
}

fn flow(item: &Item, context: &Context<'_>) -> Option<Flow> {
    let fields = fields(item, context)?;
    let flow = Flow {
        id: item.id.clone(),
        data: owned(fields.strs("data")),
        services: owned(fields.strs("services")),
        subjects: owned(fields.strs("subjects")),
        label: fields.required_text("label"),
        recipient: fields.required_text("recipient"),
        what: fields.required_text("what"),
        tool: fields.required_str("tool")?.to_owned(),
        law: fields.required_text("law"),
        measures: owned(fields.strs("measures")),
        procedure: fields.required_text("procedure"),
        residual: fields.required_text("residual"),
        triggers: fields.required_text("triggers"),
        sources: owned(fields.strs("sources")),
        when: context.paths(&fields),
        place: item.node.place.clone(),
    };
    fields.finish();
    Some(flow)
}

fn role(item: &Item, context: &Context<'_>) -> Option<Role> {
    let fields = fields(item, context)?;
    let role = Role {
        id: item.id.clone(),
        data: owned(fields.strs("data")),
        purpose: fields.required_text("purpose"),
        role: fields.required_str("role")?.to_owned(),
        text: fields.required_text("text"),
        sources: owned(fields.strs("sources")),
        when: context.paths(&fields),
        place: item.node.place.clone(),
    };
    fields.finish();
    Some(role)
}

fn right(item: &Item, context: &Context<'_>) -> Option<Right> {
    let fields = fields(item, context)?;
    fields.required("group");
    let right = Right {
        id: item.id.clone(),
        article: fields.required_str("right")?.to_owned(),
        group: fields.choice("group", &["customer-data", "system-generated-logs", "controller-data"])?.to_owned(),
        how: fields.required_text("how"),
        cannot: fields.required_text("cannot"),
        sources: owned(fields.strs("sources")),
        tag: tag(&fields)?,
        measures: owned(fields.strs("measures")),
        when: context.paths(&fields),
        place: item.node.place.clone(),
    };
    fields.finish();
    Some(right)
}
