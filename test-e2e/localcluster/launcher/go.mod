module heddle.dev/localcluster

go 1.24.0
