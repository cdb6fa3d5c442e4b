#!/usr/bin/env bash
# One drivegen job over the nodes of a SLURM allocation; words after the script go to `drivegen generate`:
#   sbatch --nodes=8 deploy/slurm.sh experiment=coverage job.scenes=100000 job.runs_dir=/scratch/runs
# The run folder must be on a file system that all nodes share. At the time limit the scenes under way are lost,
# nothing else: submit it again and it goes on.
#SBATCH --job-name=drivegen
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=32
#SBATCH --gpus-per-node=4
#SBATCH --exclusive
#SBATCH --time=24:00:00
#SBATCH --output=drivegen-%j.log
#SBATCH --requeue
set -euo pipefail

: "${DRIVEGEN_VENV:=$PWD/.venv}" # where drivegen is installed, seen by all nodes
: "${DRIVEGEN_PORT:=6379}"
: "${DRIVEGEN_WORKERS_PER_GPU:=2}"

# shellcheck disable=SC1091
source "$DRIVEGEN_VENV/bin/activate"
head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
address=$(getent ahostsv4 "$head" | awk 'NR == 1 {print $1}'):$DRIVEGEN_PORT
gpus=${SLURM_GPUS_ON_NODE:-0}
if ((gpus > 0)); then
    share=$(awk -v n="$DRIVEGEN_WORKERS_PER_GPU" 'BEGIN {printf "%.4f", 1 / n}')
    resources=("job.workers=$((SLURM_NNODES * gpus * DRIVEGEN_WORKERS_PER_GPU))" "ray.gpus=$share")
else
    resources=("job.workers=$((SLURM_NNODES * SLURM_CPUS_PER_TASK / 2))" ray.cpus=2)
fi

# Starts Ray on all nodes, runs the job on the first, and ends that Ray when the job is over.
srun --kill-on-bad-exit=1 ray symmetric-run --address "$address" --min-nodes "$SLURM_NNODES" \
    --num-cpus "$SLURM_CPUS_PER_TASK" --num-gpus "$gpus" --disable-usage-stats -- \
    drivegen generate "$@" job.pool=ray ray.address="$address" "${resources[@]}"
