# Rules for plans of a service desk, in Rego. They read `resource_changes`, the part of a plan that Terraform has published and that policies
# for Terraform read as well; regopy, `opa eval` and `conftest` run them alike.
package deskform

import rego.v1

# What an entry does.
deletes(change) if {
	"delete" in change.change.actions
	not "create" in change.change.actions
}

replaces(change) if {
	"delete" in change.change.actions
	"create" in change.change.actions
}

# People leave by a decision of the people department, not by a pull request.
deny contains message if {
	some change in input.resource_changes
	change.type == "support"
	deletes(change)
	message := sprintf("%s: people are not deleted by a pull request", [change.address])
}

# A replaced account loses its history.
deny contains message if {
	some change in input.resource_changes
	change.type == "support"
	replaces(change)
	message := sprintf("%s: an account is not replaced without the team lead", [change.address])
}

# Without a role the platform picks one at random.
deny contains message if {
	some change in input.resource_changes
	change.type == "agent"
	change.change.after != null
	not has_role(change.change.after)
	message := sprintf("%s: a seat needs a role", [change.address])
}

has_role(seat) if {
	is_string(seat.role)
	seat.role != ""
}

# Long-distance calls cost money: somebody has to ask for them.
deny contains message if {
	some change in input.resource_changes
	change.type == "agent"
	change.change.after.outboundCalls == "allowed"
	opens_long_distance(change)
	message := sprintf("%s: long-distance calls are opened for a seat that had none", [change.address])
}

opens_long_distance(change) if {
	change.change.before.outboundCalls != null
	change.change.before.outboundCalls != "allowed"
}

# A plan that the brakes refuse is not merged and sorted out later.
deny contains message if {
	some brake in input.deskform.brakes.refused
	message := sprintf("brake %s: %s", [brake.code, brake.message])
}
