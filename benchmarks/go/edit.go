// The functions of edit.py, written with the Go SDK: the first argument says how many resources to edit.
package main

import (
	"os"

	"github.com/kptdev/krm-functions-sdk/go/fn"
)

const name = "app-00000"

func one(resources *fn.ResourceList) (bool, error) {
	for _, object := range resources.Items {
		if object.IsGVK("apps", "", "Deployment") && object.GetName() == name {
			if err := object.SetNestedInt(5, "spec", "replicas"); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

func every(resources *fn.ResourceList) (bool, error) {
	for _, object := range resources.Items {
		if object.IsGVK("apps", "", "Deployment") {
			if err := object.SetNestedInt(5, "spec", "replicas"); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

func main() {
	function := fn.ResourceListProcessorFunc(every)
	if len(os.Args) > 1 && os.Args[1] == "one" {
		function = one
	}
	if err := fn.AsMain(function); err != nil {
		os.Exit(1)
	}
}
